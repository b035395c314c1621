# Draws what the README shows. Variables: csv, the table; folder, where the pictures go.
set datafile separator ","
set terminal svg size 900,440 dynamic font "sans-serif,12" background "white"
set grid ytics lc rgb "#dddddd"
set key outside bottom center horizontal

rows(measure, subject) = sprintf("< grep '^x64,%s,[0-9]*,%s,' %s", measure, subject, csv)
title_of(subject) = subject eq "sharedmem" ? "sharedmem" : \
    subject eq "sample" ? "the sample, unsynchronised" : \
    subject eq "sample_under_mutex" ? "the sample under a named mutex" : \
    subject eq "section_under_mutex" ? "a section under a named mutex" : \
    subject eq "boost_mutex" ? "Boost interprocess\\_mutex" : \
    subject eq "boost_sharable" ? "Boost interprocess\\_sharable\\_mutex" : subject
color(subject) = subject eq "sharedmem" ? 0xd62728 : \
    subject eq "memcpy" ? 0x7f7f7f : subject eq "boost_mutex" ? 0x1f77b4 : \
    subject eq "boost_sharable" ? 0x17becf : subject eq "sample" ? 0x2ca02c : 0x9467bd
width(subject) = subject eq "sharedmem" ? 3 : 1.5

texts = "memcpy sharedmem sample sample_under_mutex boost_mutex boost_sharable"
values = "memcpy sharedmem section_under_mutex boost_mutex boost_sharable"

set logscale y
set format y "%.0s %c"
set ylabel "nanoseconds"
set style data linespoints

set output folder."/text.svg"
set multiplot layout 1,2
set xlabel "characters"
set xtics ("0" 0, "1" 1, "21" 2, "260" 3, "2,000" 4)
do for [measure in "get set"] {
    set title measure eq "get" ? "GetSharedMem" : "SetSharedMem"
    plot for [subject in texts] rows(measure, subject) using 0:7 title title_of(subject) \
        lc rgb color(subject) lw width(subject) pt 7 ps 0.5
}
unset multiplot

set output folder."/bytes.svg"
set multiplot layout 1,2
set xlabel "bytes"
set logscale x 2
set xrange [6:24000000]
set xtics ("8" 8, "64" 64, "512" 512, "4 Ki" 4096, "64 Ki" 65536, "1 Mi" 1048576, "16 Mi" 16777216)
do for [measure in "read write"] {
    set title measure eq "read" ? "ReadSharedMem" : "WriteSharedMem"
    plot for [subject in values] rows(measure, subject) using 3:7 title title_of(subject) \
        lc rgb color(subject) lw width(subject) pt 7 ps 0.5
}
unset multiplot

set terminal svg size 900,380
set output folder."/storm.svg"
set title "Reads a second while one writer never pauses (the unsynchronised ones are torn in part)"
set xlabel "characters"
set ylabel "reads a second"
unset logscale x
set xtics ("21" 0, "260" 1, "2,000" 2)
set xrange [-0.5:2.5]
set boxwidth 0.14
set style fill solid
stores = "sharedmem sample sample_under_mutex boost_mutex boost_sharable"
plot for [i = 1:words(stores)] rows("storm_reads", word(stores, i)) \
    using ($0 + (i - 3) * 0.15):7 with boxes title title_of(word(stores, i)) \
    lc rgb color(word(stores, i))

set output folder."/waking.svg"
set title "A round trip between two processes: median, and up to the 99th percentile"
unset xlabel
set ylabel "microseconds"
unset logscale y
set format y "%g"
set yrange [0:*]
unset key
channels = "sharedmem named_event section_and_event named_pipe"
set xtics ("sharedmem" 0, "bare named event" 1, "section and event" 2, "named pipe" 3)
set xrange [-0.5:3.5]
set boxwidth 0.5
plot for [i = 1:words(channels)] rows("round_trip", word(channels, i)) \
    using (i - 1):7 with boxes lc rgb (i == 1 ? 0xd62728 : 0x7f7f7f), \
    for [i = 1:words(channels)] rows("round_trip", word(channels, i)) \
    using (i - 1):7:(0):($8 - $7) with vectors nohead lw 1.5 lc rgb "black"
