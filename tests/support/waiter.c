#include "waiter.h"

enum { WAIT_MS = 10000 };

void wait_for_change(void *wait)
{
    struct wait *self = wait;
    self->changed = WaitSharedMem(self->region, self->version, WAIT_MS);
}
