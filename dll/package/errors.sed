# For doxygen: has the errors of sharedmem.h as lists.
s/^( \*   )(ERROR_[A-Z_]+) +/\1- `\2` /
s/^( \*) +(Other errors |With `file`)/\1\n\1 \2/
