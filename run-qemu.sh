#!/bin/sh
# Builds Bindery and boots it in QEMU. `./run-qemu.sh --help` tells the options. `./run-qemu.sh new NAME` makes a service.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$root/boot/setup.sh"
prepare_rust
prepare_machine "$@"
if [ "${1-}" = new ]; then
    become_tool "$@"
fi
become_tool run "$@"
