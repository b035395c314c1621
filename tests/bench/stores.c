#include "stores.h"

#include "boost_cell.h"
#include "sample.h"
#include "sharedmem.h"

const struct text_store text_stores[TEXT_STORES] = {
    {"sharedmem", SetSharedMem, GetSharedMem},
    {"sample", SampleSet, SampleGet},
    {"sample_under_mutex", SampleSetUnderMutex, SampleGetUnderMutex},
    {"boost_mutex", boost_mutex_set, boost_mutex_get},
    {"boost_sharable", boost_sharable_set, boost_sharable_get},
};
