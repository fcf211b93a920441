#!/bin/sh
# Builds Bindery and boots it in QEMU. `./run-qemu.sh --help` tells the options.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$root/boot/setup.sh"
prepare_rust
prepare_machine "$@"
become_tool run "$@"
