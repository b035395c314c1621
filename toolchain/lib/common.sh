# What the commands of this folder share. To be sourced.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
log=$root/build/setup.log

# A command's usage is the comment at its top.
usage() {
    awk 'NR == 1 { next } !sub(/^# ?/, "") { exit } 1' "$0"
}

say() {
    echo "$(basename "$0"): $*" >&2
}

fail() {
    say "$1"
    exit 1
}

# For arguments that make no sense.
refuse() {
    say "$1; see $0 --help"
    exit 2
}

# Runs a command with its output in the log, which is shown if the command fails.
quietly() {
    mkdir -p "$(dirname "$log")"
    if ! "$@" </dev/null >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        fail "failed: $*"
    fi
}

. "$root/toolchain/lib/install.sh"
. "$root/toolchain/lib/build.sh"
. "$root/toolchain/lib/wine.sh"
