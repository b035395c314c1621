/* Plays recordings again: see recording.h. */
#ifndef SHAREDMEM_PARENT_REPLAY_H
#define SHAREDMEM_PARENT_REPLAY_H

#include "recording.h"
#include "sharedmem.h"

/*
 * Writes the values of a recording that is open to a region, each at its time, `speed` times as
 * fast. `path` is for complaints. Returns the exit code.
 */
int replay(struct recording *recording, const WCHAR *path, HSHAREDMEM region, double speed);

#endif
