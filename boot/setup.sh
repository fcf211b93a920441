# Prepares a machine for building and running Bindery. Sourced by run-qemu.sh and test.sh, which set $root.
#
# Looks for what is needed, installs what is missing and says so; quick when nothing is missing. Rust comes from rustup
# where that can download, else from Debian's packages.

channel=$(sed -n 's/^channel = "\(.*\)"/\1/p' "$root/rust-toolchain.toml")
bare_metal=x86_64-unknown-none
host=x86_64-unknown-linux-gnu

say() { echo "bindery: $*" >&2; }

# Ends with the list of what a machine must have, for people who have to install it by themselves.
give_up() {
    say "$1"
    cat >&2 <<EOF
Bindery needs on this machine:
  Rust $channel with the target $bare_metal and the components rust-src and llvm-tools:
      rustup toolchain install $channel -c rustfmt,clippy,rust-src,llvm-tools -t $bare_metal,$host
  a C compiler's linker, QEMU for x86-64, and for --firmware uefi Tianocore; on Debian:
      apt-get install gcc libc6-dev qemu-system-x86 ovmf
EOF
    exit 2
}

# Installs Debian packages.
install_packages() {
    command -v apt-get >/dev/null || give_up "missing: $*; there is no apt-get to install it with"
    as_root=
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || give_up "missing: $*; installing it takes root"
        as_root="sudo -n"
    fi
    say "installing Debian's $*"
    install="$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $*"
    $install >/dev/null 2>&1 && return
    $as_root apt-get update -qq >&2 || true
    $install >&2 || give_up "apt could not install $*"
}

# Whether the Rust compiler in use has every part that is needed; tells the missing ones in $lacking.
has_rust_parts() {
    lacking=
    sysroot=$(rustc --print sysroot 2>/dev/null) || return 1
    libraries=$sysroot/lib/rustlib
    [ -d "$libraries/$bare_metal/lib" ] || lacking="$lacking $bare_metal"
    [ -d "$libraries/$host/lib" ] || lacking="$lacking $host"
    [ -d "$libraries/src/rust/library" ] || lacking="$lacking rust-src"
    [ -x "$libraries/$host/bin/llvm-objcopy" ] || lacking="$lacking llvm-tools"
    [ -x "$sysroot/bin/cargo-clippy" ] || lacking="$lacking clippy"
    [ -x "$sysroot/bin/cargo-fmt" ] || lacking="$lacking rustfmt"
    [ -z "$lacking" ]
}

# Lets rustup fetch the toolchain or its missing parts. It is asked for each by name, because it passes over the list
# in rust-toolchain.toml where RUSTUP_AUTO_INSTALL=0 is set.
install_rust_parts() {
    if [ -z "$lacking" ]; then
        say "installing Rust $channel"
        rustup toolchain install "$channel" --no-self-update --profile minimal >&2 || return 1
        has_rust_parts && return
    fi
    say "installing for Rust $channel:$lacking"
    for part in $lacking; do
        case $part in
            x86_64-*) rustup target add --toolchain "$channel" "$part" >&2 || return 1 ;;
            *) rustup component add --toolchain "$channel" "$part" >&2 || return 1 ;;
        esac
    done
    has_rust_parts
}

# The fallback: Debian's Rust has no precompiled libraries for the bare-metal target but their sources, no rust-lld but
# lld, and no LLVM tools where the boot loader's build looks for them.
use_debian_rust() {
    unset RUSTUP_TOOLCHAIN
    PATH=/usr/bin:/bin:$PATH
    tools=/usr/lib/rustlib/$host/bin
    if ! [ -x /usr/bin/cargo ] || ! [ -d /usr/lib/rustlib/src/rust/library ] || ! [ -x /usr/bin/lld ] ||
        ! [ -x "$tools/llvm-objdump" ]; then
        install_packages rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web lld llvm
        ${as_root:-} mkdir -p "$tools"
        ${as_root:-} ln -sf /usr/bin/llvm-objcopy /usr/bin/llvm-objdump "$tools/"
    fi
    mkdir -p "$root/target/debian-rust"
    ln -sf /usr/bin/lld "$root/target/debian-rust/rust-lld"
    PATH=$root/target/debian-rust:$PATH
    BINDERY_BUILD_STD=1
    export PATH BINDERY_BUILD_STD
}

prepare_rust() {
    PATH=$PATH:${HOME:-/root}/.cargo/bin
    export PATH RUSTUP_TOOLCHAIN="$channel"
    if command -v rustup >/dev/null; then
        has_rust_parts || install_rust_parts && return
        say "rustup cannot provide Rust $channel; using Debian's"
    fi
    use_debian_rust
}

# The linker, the emulator and, when the arguments name them, the UEFI firmware and gdb.
prepare_machine() {
    packages=
    command -v cc >/dev/null || packages="$packages gcc libc6-dev"
    command -v qemu-system-x86_64 >/dev/null || packages="$packages qemu-system-x86 ovmf"
    case " $* " in
        *uefi*) [ -e /usr/share/ovmf/OVMF.fd ] || packages="$packages ovmf" ;;
    esac
    case " $* " in
        *gdb*) command -v gdb >/dev/null || packages="$packages gdb" ;;
    esac
    # shellcheck disable=SC2086 # a list of words
    [ -z "$packages" ] || install_packages $packages
}

# Builds the host tool and becomes it, in the folder this was called from, to which file names refer.
become_tool() {
    case ${CARGO_TARGET_DIR:=$root/target} in
        /*) ;;
        *) CARGO_TARGET_DIR=$PWD/$CARGO_TARGET_DIR ;;
    esac
    export CARGO_TARGET_DIR
    [ -x "$CARGO_TARGET_DIR/debug/boot" ] || say "building the tool that builds all else; this happens once"
    (cd "$root" && cargo build --quiet -p boot >&2) || exit 2
    exec "$CARGO_TARGET_DIR/debug/boot" "$@"
}
