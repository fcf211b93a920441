#!/bin/sh
# Runs the tests: all of them, or a part: ./test.sh [host|guest|linux|bench|profile|figures].
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$root/boot/setup.sh"
prepare_rust
prepare_machine uefi gdb
become_tool test "$@"
