# Runs programs under Wine. To be sourced by common.sh.
# shellcheck shell=bash disable=SC2154 # root comes from common.sh

emulator=$root/toolchain/lib/emulator.sh

# start_wine ARCHITECTURE PREFIX: makes the prefix, if need be, and warms it up.
start_wine() {
    "$emulator" "$1" "$2" --start
}

# architecture_of PROGRAM: x64 or x86, from the machine in its header.
architecture_of() {
    local header machine
    header=$(od -A n -t u4 -j 60 -N 4 "$1" 2>/dev/null) || true
    machine=$(od -A n -t x2 -j $((header + 4)) -N 2 "$1" 2>/dev/null) || true
    case $machine in
    *8664) echo x64 ;;
    *014c) echo x86 ;;
    *) fail "$1 is no program that Wine runs here" ;;
    esac
}

# run_program PROGRAM [ARGUMENT ...]: in place of this script. All share one prefix, apart from the
# builds' own: 32- and 64-bit programs see each other's memory, and no test ends them.
run_program() {
    local architecture
    architecture=$(architecture_of "$1")
    start_wine "$architecture" "$root/build/wine"
    exec "$emulator" "$architecture" "$root/build/wine" "$@"
}

# run_test ARCHITECTURE PROGRAM [ARGUMENT ...]: a program of the build of that name, as ctest does.
run_test() {
    local architecture=$1 program=$2
    shift 2
    CLOSING_LINE=passed "$emulator" "$architecture" "$root/build/$architecture/wine" \
        "$root/build/$architecture/bin/$program.exe" "$@"
}
