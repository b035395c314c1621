/*
 * What the processor has beyond the architecture's baseline, as far as the copies here make use of
 * it.
 */
#ifndef SHAREDMEM_PROCESSOR_H
#define SHAREDMEM_PROCESSOR_H

#include <stdbool.h>

#define PROCESSOR_AVX2 1u         /* with a system that keeps the registers */
#define PROCESSOR_FAST_STRINGS 2u /* rep movsb is fast, however its operands are aligned */

/* What is made use of: nothing, until processor_detect() is assigned to it. */
extern unsigned processor_features;

/* What this processor has. */
unsigned processor_detect(void);

static inline bool processor_has(unsigned feature)
{
    return (processor_features & feature) != 0;
}

#endif
