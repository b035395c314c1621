# Checks how two runs of the benchmarks are compared. Arguments: SOURCE (the project), FOLDER (for
# tables that it writes).
cmake_minimum_required(VERSION 3.21)
set(header "architecture,measure,parameter,subject,unit,minimum,median,99th percentile,maximum,ratio")
set(committed ${SOURCE}/tests/bench/results/bench.csv)

# table(NAME ROW ...): writes one; a row's ratio is not looked at.
function(table name)
    list(JOIN ARGN ",1\n" rows)
    file(WRITE ${FOLDER}/${name}.csv "${header}\n${rows},1\n")
endfunction()

# expect(CODE PATTERN COMMAND ...): what it prints, on either stream, matches the pattern.
function(expect code pattern)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output
        ERROR_VARIABLE output)
    if(NOT result EQUAL code OR NOT output MATCHES "${pattern}")
        list(JOIN ARGN " " command)
        message(FATAL_ERROR "${command}\nexited with ${result}, not ${code}, or does not match "
            "'${pattern}':\n${output}")
    endif()
endfunction()

# compares(CODE PATTERN EARLIER LATER)
function(compares code pattern earlier later)
    expect(${code} "${pattern}" awk -f ${SOURCE}/tests/bench/compare.awk
        ${FOLDER}/${earlier}.csv ${FOLDER}/${later}.csv)
endfunction()

# The noise of the first row is 4, because its 99th percentile is an outlier, and 3 % of the later
# median.
set(before "x64,set,21,sharedmem,ns,96,100,900,999" "x64,set,21,memcpy,ns,9,10,11,12"
    "x64,readers,1,sharedmem,1/s,990,1000,1010,1020")
table(before ${before})
table(noisy "x64,set,21,sharedmem,ns,106,107,107,108" "x64,set,21,memcpy,ns,9,10,11,12"
    "x64,readers,1,sharedmem,1/s,930,945,950,960")
table(slower "x64,set,21,sharedmem,ns,107,107.5,108,108" "x64,set,21,memcpy,ns,9,10,11,12"
    "x64,readers,1,sharedmem,1/s,990,1000,1010,1020")
table(rarer "x64,set,21,sharedmem,ns,96,100,101,101" "x64,set,21,memcpy,ns,9,10,11,12"
    "x64,readers,1,sharedmem,1/s,920,930,940,960")
table(better "x64,set,21,sharedmem,ns,50,51,52,53" "x64,set,21,memcpy,ns,9,10,11,12"
    "x64,readers,1,sharedmem,1/s,1990,2000,2010,2020")
table(machine "x64,set,21,sharedmem,ns,96,100,101,101" "x64,set,21,memcpy,ns,29,30,31,32"
    "x64,readers,1,sharedmem,1/s,990,1000,1010,1020")
table(others "x64,set,21,sharedmem,ns,96,100,101,101" "x64,set,21,sharedmem_new,ns,1,2,3,4")
table(larger ${before} "x64,file,0,sharedmem,bytes,900,900,900,900")
table(smaller ${before} "x64,file,0,sharedmem,bytes,100,100,100,100")
compares(0 "^3 rows compared, 0 of the DLL's slower\n$" before before)
compares(0 "^3 rows compared, 0 of the DLL's slower\n$" before noisy)
compares(0 "^3 rows compared, 0 of the DLL's slower\n$" before better)
set(one "\n3 rows compared, 1 of the DLL's slower\n$")
compares(1 "\n  x64 set 21 sharedmem ns: 107.5, was 100; noise 7.22${one}" before slower)
compares(1 "\n  x64 readers 1 sharedmem 1/s: 930, was 1000; noise 57.9${one}" before rarer)
compares(0 "\n  x64 set 21 memcpy ns: 30, was 10; [^\n]*\n3 rows compared, 0 of" before machine)
compares(0 "^4 rows compared, 0 of" smaller larger)
table(sleeping "x64,waiting,0,sharedmem,s/min,0.002,0.002,0.002,0.002")
table(looking "x64,waiting,0,sharedmem,s/min,0.021,0.021,0.021,0.021")
table(polling "x64,waiting,0,sharedmem,s/min,0.3,0.3,0.3,0.3")
compares(0 "^1 rows" sleeping looking)
compares(1 "\n1 rows" sleeping polling)
set(old "  x64 set 21 memcpy ns\n  x64 readers 1 sharedmem 1/s\n")
set(new "  x64 set 21 sharedmem_new ns\n")
compares(0 "^Only in the earlier table:\n${old}Only in the later table:\n${new}1 rows" before others)

# What ran natively is no row of the DLL's, whichever region or file another row is of.
table(quick "x64,open,4096,sharedmem_recovered,ns,96,100,101,101" "native,flush,4096,sqlite_wal,ns,96,100,101,101")
table(slow "x64,open,4096,sharedmem_recovered,ns,196,200,201,201" "native,flush,4096,sqlite_wal,ns,196,200,201,201")
compares(1 "may be the machine:\n  native flush 4096 sqlite_wal ns: 200, [^\n]*\nSLOWER [^\n]*\n  x64 open 4096 sharedmem_recovered ns: 200, [^\n]*\n2 rows compared, 1 of"
    quick slow)

# What is no table, in either place, is refused before anything is measured.
table(torn "x64,set,21,sharedmem,ns,96,100,101")
table(words "x64,set,21,sharedmem,ns,96,fast,101,101")
file(WRITE ${FOLDER}/empty.csv "")
foreach(bad torn words empty)
    compares(2 "${bad}[.]csv" before ${bad})
    compares(2 "${bad}[.]csv" ${bad} before)
    expect(1 "${bad}[.]csv cannot be compared with"
        ${SOURCE}/toolchain/bench --compare ${FOLDER}/${bad}.csv)
endforeach()
set(bench ${SOURCE}/toolchain/bench)
expect(1 "there is no file ${FOLDER}/none[.]csv" ${bench} --compare ${FOLDER}/none.csv)
expect(2 "one folder only" ${bench} folder --compare ${committed} another)
expect(0 " rows compared, 0 of the DLL's slower\n$"
    awk -f ${SOURCE}/tests/bench/compare.awk ${committed} ${committed})
