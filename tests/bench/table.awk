# Makes one table of the lines of the benchmarks, architecture first, and says which goals are
# reached. Arguments: goals.csv, then the lines. A ratio is that of a median to sharedmem's, to x64's
# for what ran natively. A goal compares a row with a factor of another one, or with the factor
# alone.
BEGIN { FS = "," }

FILENAME ~ /goals[.]csv$/ && FNR == 1 { next }
FILENAME ~ /goals[.]csv$/ { goals[++goal_count] = $0; next }

{
    key = $1 "," $2 "," $3
    median[key "," $4] = $7
    lines[++count] = $0
}

function ratio(line,   field, own) {
    split(line, field, ",")
    sub(/^native$/, "x64", field[1])
    own = median[field[1] "," field[2] "," field[3] ",sharedmem"]
    return own > 0 ? sprintf("%.3g", field[7] / own) : ""
}

function print_table(   i, field, key, previous) {
    for (i = 1; i <= count; i++) {
        split(lines[i], field, ",")
        key = field[1] " " field[2] " " field[3]
        if (key != previous) {
            printf "\n%-28s %-20s %10s %10s %10s %10s  %s\n", key, field[5], "minimum", "median",
                "99 %", "maximum", "x sharedmem"
        }
        previous = key
        printf "%-28s %-20s %10s %10s %10s %10s  %s\n", "", field[4], field[6], field[7], field[8],
            field[9], ratio(lines[i])
    }
}

function print_goals(   i, field, own, of, limit, reached, against) {
    print "\nGoals, of the medians of x64:"
    for (i = 1; i <= goal_count; i++) {
        split(goals[i], field, ",")
        own = "x64," field[1] "," field[2] "," field[3]
        of = "x64," field[6] "," field[7] "," field[8]
        if (!(own in median) || (field[6] != "" && !(of in median))) {
            print "NO ROW   " goals[i]
            continue
        }
        limit = field[5]
        against = ""
        if (field[6] != "") {
            limit *= median[of]
            against = sprintf(", which is %s x %s%s's %.4g", field[5], field[8],
                field[7] == field[2] ? "" : " " field[7], median[of])
        }
        reached = field[4] == "<=" ? median[own] <= limit : median[own] >= limit
        printf "%-8s %s %s%s: %.4g %s %.4g%s\n", reached ? "reached" : "MISSED", field[1],
            field[2], field[3] == "sharedmem" ? "" : " " field[3], median[own], field[4], limit,
            against
    }
}

END {
    print "architecture,measure,parameter,subject,unit,minimum,median,99th percentile,maximum,ratio" > csv
    for (i = 1; i <= count; i++) {
        print lines[i] "," ratio(lines[i]) > csv
    }
    print_table()
    print_goals()
}
