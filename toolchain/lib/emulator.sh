#!/usr/bin/env bash
# Runs Windows programs under Wine, quietly and with honest results. CMake starts every program of a
# test with it; the interactive command is toolchain/wine.
#
#   emulator.sh ARCHITECTURE PREFIX PROGRAM [ARGUMENT ...]   runs a program of x64 or x86
#   emulator.sh ARCHITECTURE PREFIX --start   makes the prefix, if need be, and warms it up
#   emulator.sh ARCHITECTURE PREFIX --stop    ends every process of the prefix
#
# Where CLOSING_LINE is set, a program passes only if it exits with 0 and that is the last line of
# its output: Wine has several ways to let a crash, or a program that never ran, exit with 0.
#
# Exit code: the program's; 77 where this Wine cannot run programs of that architecture; 1 for a
# missing closing line.
set -u

fail() {
    echo "wine: $1" >&2
    exit "${2:-1}"
}

case ${1-} in
-h | --help) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; exit ;;
esac
[ $# -gt 2 ] || fail "an architecture, a prefix and a program are needed; see $0 --help" 2
architecture=$1
prefix=$(realpath -m "$2")
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

find_program() {
    local candidate
    for candidate in "$@"; do
        command -v "$candidate" && return
    done
    fail "$1 is not installed; toolchain/run and toolchain/test install it"
}
wine=$(find_program wine64 /usr/lib/wine/wine64 wine) || exit
wineserver=$(find_program wineserver /usr/lib/wine/wineserver) || exit

export WINEPREFIX=$prefix
export WINEDEBUG=${WINEDEBUG--all}
# No crash handler: it loses the exit code. No downloads, no menus, no window.
export WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe,winedbg.exe=d"
unset DISPLAY WAYLAND_DISPLAY
# Arguments are UTF-8 here, and UTF-16 there.
[ "$(locale charmap 2>/dev/null)" = UTF-8 ] || export LC_ALL=C.UTF-8
# The 32-bit half of Wine, where toolchain/test had to fetch it by itself.
if [ -d "$here/../../build/wine32/i386-windows" ]; then
    WINEDLLPATH=$(cd "$here/../../build/wine32" && pwd)
    export WINEDLLPATH
fi

# A prefix serves the Wine that made it, with the architectures that one had.
start() {
    mkdir -p "$prefix"
    local log=$prefix/start.log made_by=$prefix/made-by
    local setup
    setup="$("$wine" --version) 32-bit: ${WINEDLLPATH-} $(ls /usr/lib/wine/wine 2>/dev/null)"
    exec 9>"$prefix.lock"
    flock 9
    if [ "$(cat "$made_by" 2>/dev/null)" != "$setup" ]; then
        echo "wine: making a Wine prefix (once, some 20 seconds)" >&2
        rm -rf "$prefix"
        mkdir -p "$prefix"
        "$wine" wineboot --init </dev/null >"$log" 2>&1 9>&- || fail "wineboot failed, see $log"
        "$wineserver" -w 9>&-
        echo "$setup" >"$made_by"
    fi
    # The server has a descriptor for each object of its clients, more than Linux allows at first.
    ulimit -S -n "$(ulimit -H -n)" 2>/dev/null
    # The first client starts services, which keep its output open: let that be a file. The server
    # stays for a minute after its last client.
    "$wineserver" -p60 </dev/null >>"$log" 2>&1 9>&-
    # One that is just ending takes its clients with it; the next client starts another.
    for _ in 1 2; do
        "$wine" cmd /c exit 0 </dev/null >>"$log" 2>&1 9>&- && return
    done
    fail "Wine does not start, see $log"
}

case $1 in
--start) start; exit ;;
--stop) "$wineserver" -k; exit 0 ;;
esac

if [ "$architecture" = x86 ] && [ ! -e "$prefix/drive_c/windows/syswow64/kernel32.dll" ]; then
    fail "skipped: this Wine runs no 32-bit programs" 77
fi

if [ -z "${CLOSING_LINE-}" ]; then
    exec "$wine" "$@"
fi

# Each to a file of its own: Wine, too, writes to the programs' error output, in the middle of lines.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$wine" "$@" </dev/null >"$scratch/output" 2>"$scratch/errors"
status=$?
tr -d '\r' <"$scratch/output"
tr -d '\r' <"$scratch/errors" >&2
last_line=$(tail -n 1 "$scratch/output" | tr -d '\r')
if [ $status = 0 ] && [ "$last_line" != "$CLOSING_LINE" ]; then
    fail "exit code 0, but the closing line is missing: $CLOSING_LINE"
fi
exit $status
