# For doxygen: of README.md, what the first page of the reference has. It links the functions, not files.
s/`([A-Za-z]*SharedMem[A-Za-z]*)`/\1()/g
s/\[([^]]*)\]\([^)]*\)/\1/g
1,/^Ten writers/ { /^Ten writers/!p; }
/^## Functions$/,/^## Performance$/ { /^## Performance$/!p; }
/^## How it works$/,/^dll has/ { /^dll has/!p; }
