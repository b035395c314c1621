# Draws what the README shows. Variables: csv, the table; folder, where the pictures go. There is no
# background, and each color is as far from white as from black: pages are light or dark.
set datafile separator ","
set terminal svg size 900,440 dynamic font "sans-serif,12"
ink = 0x7b7b7b
set border 3 lc rgb ink
set tics nomirror textcolor rgb ink
set title textcolor rgb ink
set xlabel textcolor rgb ink
set ylabel textcolor rgb ink
set grid ytics lc rgb ink lw 0.3 dt 1
set key at screen 0.49, 0.03 center bottom vertical maxrows 2 width -4 textcolor rgb ink
two_panels = "set multiplot layout 1,2 margins 0.08,0.97,0.3,0.89 spacing 0.1,0; set key"

rows_of(architecture, measure, subject) = \
    sprintf("< grep '^%s,%s,[0-9]*,%s,' %s", architecture, measure, subject, csv)
rows(measure, subject) = rows_of("x64", measure, subject)
title_of(subject) = subject eq "sharedmem" ? "sharedmem" : \
    subject eq "sharedmem_file" ? "sharedmem, backed by a file" : \
    subject eq "sample" ? "the sample, unsynchronised" : \
    subject eq "sample_under_mutex" ? "the sample under a named mutex" : \
    subject eq "section_under_mutex" ? "a section under a named mutex" : \
    subject eq "boost_mutex" ? "Boost interprocess\\_mutex" : \
    subject eq "boost_sharable" ? "Boost interprocess\\_sharable\\_mutex" : subject
color(subject) = subject eq "sharedmem" ? 0xe0393a : subject eq "sharedmem_file" ? 0xd97a1e : \
    subject eq "memcpy" ? ink : subject eq "boost_mutex" ? 0x2f7fd0 : \
    subject eq "boost_sharable" ? 0x1496a8 : subject eq "sample" ? 0x2f9432 : 0x9a6ac6
width(subject) = subject eq "sharedmem" ? 3 : 1.5

texts = "memcpy sharedmem sample sample_under_mutex boost_mutex boost_sharable"
values = "memcpy sharedmem sharedmem_file section_under_mutex boost_mutex boost_sharable"

set logscale y
set format y "%.0s %c"
set ylabel "nanoseconds"
set style data linespoints

set output folder."/text.svg"
eval two_panels
set xlabel "characters"
set xtics ("0" 0, "1" 1, "21" 2, "260" 3, "2,000" 4)
do for [measure in "get set"] {
    set title measure eq "get" ? "GetSharedMem" : "SetSharedMem"
    plot for [subject in texts] rows(measure, subject) using 0:7 title title_of(subject) \
        lc rgb color(subject) lw width(subject) pt 7 ps 0.5
    unset key
}
unset multiplot

set output folder."/bytes.svg"
eval two_panels
set xlabel "bytes"
set logscale x 2
set xrange [6:24000000]
set xtics ("8" 8, "64" 64, "512" 512, "4 Ki" 4096, "64 Ki" 65536, "1 Mi" 1048576, "16 Mi" 16777216)
do for [measure in "read write"] {
    set title measure eq "read" ? "ReadSharedMem" : "WriteSharedMem"
    plot for [subject in values] rows(measure, subject) using 3:7 title title_of(subject) \
        lc rgb color(subject) lw width(subject) pt 7 ps 0.5
    unset key
}
unset multiplot

# A size's row of memcpy comes before the others.
relative(measure, subject) = sprintf("< awk -F, '$1 != \"x64\" || $2 != \"%s\" || $3 == 4000 { next } \
    $4 == \"memcpy\" { limit = $7 } $4 == \"%s\" { print $3 \",\" $7 / limit }' %s", \
    measure, subject, csv)

set output folder."/ratio.svg"
eval two_panels
set ylabel "times memcpy's time"
set format y "%g"
set logscale y 2
set yrange [0.25:32]
do for [measure in "read write"] {
    set title measure eq "read" ? "ReadSharedMem" : "WriteSharedMem"
    plot for [subject in values] relative(measure, subject) using 1:2 title title_of(subject) \
        lc rgb color(subject) lw width(subject) pt 7 ps 0.5
    unset key
}
unset multiplot

set output folder."/files.svg"
eval two_panels
set key at screen 0.26, 0.02 center bottom vertical maxrows 3 width 0
set ylabel "milliseconds"
set logscale y 10
set yrange [*:*]
milliseconds = "using 3:($7 / 1e6)"
set xrange [3400:1260000]
set xtics ("4 Ki" 4096, "64 Ki" 65536, "1 Mi" 1048576)
set title "Writing a value and making it durable"
plot rows("flush", "sharedmem") @milliseconds title "sharedmem" lc rgb 0xe0393a lw 3 pt 7 ps 0.5, \
    rows("flush", "mapped_file") @milliseconds title "a mapped file" lc rgb 0x1496a8 lw 1.5 pt 7 ps 0.5, \
    rows("flush", "plain_file") @milliseconds title "WriteFile" lc rgb ink lw 1.5 pt 7 ps 0.5, \
    rows_of("native", "flush", "sqlite_wal") @milliseconds title "SQLite, WAL" \
        lc rgb 0x2f7fd0 lw 1.5 pt 7 ps 0.5, \
    rows_of("native", "flush", "sqlite_delete") @milliseconds title "SQLite, DELETE" \
        lc rgb 0x9a6ac6 lw 1.5 pt 7 ps 0.5
set key at screen 0.76, 0.02
set xrange [3400:81000000]
set xtics ("4 Ki" 4096, "1 Mi" 1048576, "16 Mi" 16777216, "64 Mi" 67108864)
set title "Opening and creating a file"
plot rows("open", "sharedmem_recovered") @milliseconds title "opening, recovery" \
        lc rgb 0xe0393a lw 3 pt 7 ps 0.5, \
    rows("open", "sharedmem_joined") @milliseconds title "opening, open already" \
        lc rgb 0xd97a1e lw 1.5 pt 7 ps 0.5, \
    rows("create", "sharedmem_file") @milliseconds title "creating" lc rgb 0x2f9432 lw 1.5 pt 7 ps 0.5
unset multiplot

set terminal svg size 900,380
set key at screen 0.49, 0.03 center bottom vertical maxrows 2 width -4
set bmargin screen 0.32
set output folder."/storm.svg"
set title "Reads a second while one writer never pauses (the unsynchronised ones are torn in part)"
set xlabel "characters"
set ylabel "reads a second"
unset logscale x
set logscale y 10
set format y "%.0s %c"
set yrange [*:*]
set xtics ("21" 0, "260" 1, "2,000" 2)
set xrange [-0.5:2.5]
set boxwidth 0.14
set style fill solid
stores = "sharedmem sample sample_under_mutex boost_mutex boost_sharable"
plot for [i = 1:words(stores)] rows("storm_reads", word(stores, i)) \
    using ($0 + (i - 3) * 0.15):7 with boxes title title_of(word(stores, i)) \
    lc rgb color(word(stores, i))

set output folder."/waking.svg"
unset bmargin
set title "A round trip between two processes: median, and up to the 99th percentile"
unset xlabel
set ylabel "microseconds"
unset logscale y
set format y "%g"
set yrange [0:*]
unset key
channels = "sharedmem sharedmem_read_only sharedmem_event named_event section_and_event named_pipe"
set xtics ("sharedmem" 0, "sharedmem, reading only" 1, "sharedmem, event" 2, \
    "bare named event" 3, "section and event" 4, "named pipe" 5)
set xrange [-0.5:5.5]
set boxwidth 0.5
plot for [i = 1:words(channels)] rows("round_trip", word(channels, i)) \
    using (i - 1):7 with boxes lc rgb (i <= 3 ? color("sharedmem") : ink), \
    for [i = 1:words(channels)] rows("round_trip", word(channels, i)) \
    using (i - 1):7:(0):($8 - $7) with vectors nohead lw 1.5 lc rgb ink
