# Installs what is missing. To be sourced by common.sh.
# shellcheck shell=bash disable=SC2034,SC2154 # lists are for the commands, root is from common.sh

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends install "$@"
}

# Takes pairs COMMAND:PACKAGE or /FILE:PACKAGE and installs the packages whose command or file is
# missing.
install_missing() {
    local pair packages=()
    for pair in "$@"; do
        PATH=$PATH:/usr/lib/wine command -v "${pair%%:*}" >/dev/null || [ -f "${pair%%:*}" ] ||
            packages+=("${pair##*:}")
    done
    [ ${#packages[@]} -gt 0 ] || return 0

    command -v apt-get >/dev/null ||
        fail "please install these packages, or what corresponds to them here: ${packages[*]}"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
        fail "please install these packages as root: apt-get install ${packages[*]}"
    say "installing ${packages[*]} (this can take some minutes)"
    [ "$(id -u)" = 0 ] || sudo -v ||
        fail "sudo was refused; as root: apt-get install ${packages[*]}"
    quietly as_root apt-get -q update
    quietly apt_install "${packages[@]}"
    rm -f "$root"/build/*/build.ninja # so that builds look for them again
}

# What it takes to run programs.
wine_tools=(wine64:wine64 wineserver:wine)

# What it takes to build and run the 64-bit programs.
build_tools=(cmake:cmake ninja:ninja-build x86_64-w64-mingw32-g++:g++-mingw-w64-x86-64-win32
    /usr/include/xxhash.h:libxxhash-dev "${wine_tools[@]}")

# The 32-bit compiler, the native one, and what the benchmarks compare with.
bench_tools=(i686-w64-mingw32-g++:g++-mingw-w64-i686-win32
    gcc:gcc /usr/include/stdio.h:libc6-dev
    /usr/include/boost/interprocess/windows_shared_memory.hpp:libboost-dev
    /usr/include/sqlite3.h:libsqlite3-dev)

# What it takes on top of that to build and test everything.
test_tools=("${bench_tools[@]}" clang:clang spin:spin clang-tidy:clang-tidy
    cppcheck:cppcheck clang-format:clang-format lld-link:lld llvm-dlltool:llvm
    pkg-config:pkg-config python3:python3 doxygen:doxygen)

# The sanitizers and the fuzzer of the clang that is installed; some systems have them with clang.
install_clang_runtime() {
    local library version
    library=$(clang -print-file-name="libclang_rt.fuzzer-$(uname -m).a")
    version=$(clang -dumpversion)
    install_missing "$library:libclang-rt-${version%%.*}-dev"
}

# Compilers of the examples' languages. Free Pascal has what programs for Windows need as source.
install_languages() {
    local version
    (install_missing go:golang-go fpc:fp-compiler && version=$(fpc -iV) &&
        install_missing "/usr/share/fpcsrc/$version/rtl/win64/system.pp:fpc-source-$version") ||
        say "there is no Go or Free Pascal here, their tests will be skipped"
    (install_missing mcs:mono-mcs) ||
        say "there is no Mono here, the wrapper for .NET will not be compiled as for .NET Framework"
}

# The broker of the example mirror.js. Its test starts one of its own, so the system's need not run.
install_broker() {
    local had=
    [ ! -f /usr/sbin/mosquitto ] || had=1
    (install_missing /usr/sbin/mosquitto:mosquitto mosquitto_sub:mosquitto-clients \
        openssl:openssl) || say "there is no mosquitto here, the test mirror will be skipped"
    if [ -z "$had" ] && [ -f /usr/sbin/mosquitto ] && command -v systemctl >/dev/null; then
        as_root systemctl -q disable --now mosquitto </dev/null >"$log" 2>&1 || true
    fi
}

# apt-get as if this machine had 32-bit packages, with lists of its own: nothing else notices.
apt_i386() {
    mkdir -p "$root/build/apt/lists/partial"
    apt-get -q -o APT::Architectures::="$(dpkg --print-architecture)" -o APT::Architectures::=i386 \
        -o Dir::State::Lists="$root/build/apt/lists" -o Dir::Cache::pkgcache= \
        -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root "$@"
}

install_wine32_package() {
    local plan
    apt_i386 --error-on=any update &&
        plan=$(apt_i386 -s --no-install-recommends install wine32:i386) &&
        ! grep -q '^Remv' <<<"$plan" || return 1
    local had_i386=
    ! dpkg --print-foreign-architectures | grep -qx i386 || had_i386=1
    as_root dpkg --add-architecture i386
    if as_root apt-get -q update && apt_install wine32:i386; then
        return 0
    fi
    [ -n "$had_i386" ] || as_root dpkg --remove-architecture i386
    return 1
}

# Where 32-bit Linux libraries cannot be installed, Wine can do without: it only needs the Windows
# half.
fetch_wine32() {
    local folder=$root/build/wine32.new version
    version=$(dpkg-query -W -f '${Version}' libwine) || return 1
    apt_i386 update || true # an index that cannot be had may not be the one that matters
    rm -rf "$folder"
    mkdir -p "$folder"
    (cd "$folder" && apt_i386 download "libwine:i386=$version") &&
        dpkg-deb --fsys-tarfile "$folder"/libwine_*.deb |
        tar -x -C "$folder" --strip-components=5 --wildcards './usr/lib/*/wine/i386-windows' &&
        rm "$folder"/libwine_*.deb && mv "$folder" "$root/build/wine32"
}

# Enables Wine to run 32-bit programs, if that can be done here.
install_wine32() {
    local tried=$root/build/wine32.tried
    mkdir -p "$root/build"
    [ ! -e "$tried" ] || return 0
    if [ ! -x /usr/lib/wine/wine ] && [ ! -d "$root/build/wine32" ] &&
        command -v apt-get >/dev/null; then
        say "enabling Wine to run 32-bit programs (this can take some minutes)"
        install_wine32_package </dev/null >"$root/build/wine32.log" 2>&1 ||
            fetch_wine32 </dev/null >>"$root/build/wine32.log" 2>&1 ||
            say "Wine cannot run 32-bit programs here, the x86 tests will be skipped;" \
                "see build/wine32.log"
        rm -rf "$root/build/apt" "$root/build/wine32.new"
    fi
    touch "$tried"
}
