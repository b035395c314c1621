/* What compilers spell differently. */
#ifndef SHAREDMEM_COMPILER_H
#define SHAREDMEM_COMPILER_H

/* Keeps what a function seldom does from costing registers whenever it is called. */
#if defined(_MSC_VER)
#define NOT_INLINE __declspec(noinline)
#else
#define NOT_INLINE __attribute__((noinline))
#endif

#endif
