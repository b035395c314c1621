# Configures and builds presets, quietly. To be sourced by common.sh.
# shellcheck shell=bash disable=SC2154 # root comes from common.sh

# Commands at the same time, such as a writer in the background and its reader, take turns.
in_turn() {
    mkdir -p "$root/build"
    (flock 8; "$@" 8>&-) 8>"$root/build/lock"
}

configure_preset() {
    local preset=$1 folder=$root/build/$1
    if [ "$folder/build.ninja" -nt "$root/CMakePresets.json" ]; then
        quietly cmake --build "$folder" --target build.ninja
    else
        say "configuring $preset"
        rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles" # these keep the old toolchain file
        (cd "$root" && quietly cmake --preset "$preset")
    fi
}

build_targets() {
    local preset=$1 steps
    shift
    steps=$(NINJA_STATUS='step %t ' ninja -C "$root/build/$preset" -n "$@" |
        awk '$1 == "step" { print $2; exit }') || true
    [ "${steps:-0}" -lt 10 ] || say "building $preset"
    quietly cmake --build "$root/build/$preset" --target "${@:-all}"
}

# configure PRESET: until its tests and targets are those of its present sources.
configure() {
    in_turn configure_preset "$1"
}

# build PRESET [TARGET ...]: the targets, or all; configures if need be.
build() {
    configure "$1"
    in_turn build_targets "$@"
}
