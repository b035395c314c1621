# Compares two tables of toolchain/bench: awk -f compare.awk EARLIER LATER. Prints which rows only
# one of them has, and what got slower by more than the noise of both runs. Exit code: 0; 1 if a row
# of the DLL got slower; 2 if a file is no such table.
#
# The noise of a row in a run is how far the minimum or the 99th percentile is from the median,
# whichever is closer, because a single outlier moves the other one only; and at least 3 % of the
# median, by which runs differ whose rounds do not. That of processor time, which is counted in steps
# of 10 or 16 ms, is 0.01 s of a minute.
BEGIN {
    FS = ","
    header = "architecture,measure,parameter,subject,unit,minimum,median,99th percentile,maximum,ratio"
    for (i = 1; i < ARGC; i++) {
        line = ""
        getline line < ARGV[i]
        close(ARGV[i])
        if (line != header) {
            refuse(ARGV[i] ": no table of toolchain/bench, whose first line is " header)
        }
    }
}

FNR == 1 { file++; next }

{
    if (NF != 10 || !are_numbers()) {
        refuse(FILENAME ":" FNR ": not a row of 10 fields, the 6th to 9th of which are numbers")
    }
    key = $1 " " $2 " " $3 " " $4 " " $5
    if (file == 1) {
        earlier[++earlier_count] = key
        old[key] = $7
    } else {
        later[++later_count] = key
        now[key] = $7
    }
    noise[file, key] = $5 == "s/min" ? 0.01 : noise_of($6, $7, $8)
}

function refuse(what) {
    print what > "/dev/stderr"
    refused = 1
    exit 2
}

function are_numbers(   i) {
    for (i = 6; i <= 9; i++) {
        if ($i !~ /^[0-9]+([.][0-9]*)?(e[-+]?[0-9]+)?$/) {
            return 0
        }
    }
    return 1
}

function smaller(a, b) {
    return a < b ? a : b
}

function noise_of(minimum, median, percentile,   spread, least) {
    spread = smaller(median - minimum, percentile - median)
    least = median * 0.03
    return spread > least ? spread : least
}

# How much slower a row is than it was; rates are better when they are higher.
function loss(key) {
    return key ~ / 1\/s$/ ? old[key] - now[key] : now[key] - old[key]
}

# Bytes are no time.
function is_slower(key) {
    return key !~ / bytes$/ && loss(key) > noise[1, key] + noise[2, key]
}

function is_own(key) {
    return key ~ /^[^ ]+ [^ ]+ [^ ]+ sharedmem/
}

function print_slower(own, title,   i, key, count) {
    for (i = 1; i <= later_count; i++) {
        key = later[i]
        if (!(key in old) || is_own(key) != own || !is_slower(key)) {
            continue
        }
        if (count++ == 0) {
            print title
        }
        printf "  %s: %.5g, was %.5g; noise %.3g\n", key, now[key], old[key],
            noise[1, key] + noise[2, key]
    }
    return count + 0
}

# The rows of one table that the other one has not; returns how many it has.
function print_only(rows, count, others, title,   i, printed, common) {
    for (i = 1; i <= count; i++) {
        if (rows[i] in others) {
            common++
            continue
        }
        if (printed++ == 0) {
            print title
        }
        print "  " rows[i]
    }
    return common + 0
}

END {
    if (refused) {
        exit 2
    }
    print_only(earlier, earlier_count, now, "Only in the earlier table:")
    common = print_only(later, later_count, old, "Only in the later table:")
    print_slower(0, "Slower, but not the DLL's, which may be the machine:")
    slower = print_slower(1, "SLOWER by more than the noise of both runs:")
    print common " rows compared, " slower " of the DLL's slower"
    exit slower > 0
}
