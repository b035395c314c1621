#include "disk.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

enum { SECTORS_IN_A_PAGE = RECORDER_PAGE / RECORDER_SECTOR };

void disk_make(struct disk *disk, size_t size)
{
    disk->count = size / RECORDER_SECTOR;
    disk->sectors = calloc(disk->count, sizeof *disk->sectors);
    disk->is_dirty = calloc(disk->count / SECTORS_IN_A_PAGE, sizeof *disk->is_dirty);
    CHECK(disk->sectors != NULL && disk->is_dirty != NULL);
}

void disk_free(struct disk *disk)
{
    for (size_t i = 0; i < disk->count; i++) {
        free(disk->sectors[i].contents);
    }
    free(disk->sectors);
    free(disk->is_dirty);
}

static void add_content(struct disk_sector *sector, const unsigned char *content)
{
    if (sector->count == sector->room) {
        sector->room = sector->room * 2 + 4;
        sector->contents = realloc(sector->contents, sector->room * sizeof *sector->contents);
        CHECK(sector->contents != NULL);
    }
    sector->present = sector->count;
    sector->contents[sector->count++] = content;
}

void disk_reset(struct disk *disk, const unsigned char *content)
{
    for (size_t i = 0; i < disk->count; i++) {
        disk->sectors[i].count = 0;
        disk->sectors[i].chosen = 0;
        add_content(&disk->sectors[i], content + i * RECORDER_SECTOR);
        disk->is_dirty[i / SECTORS_IN_A_PAGE] = false;
    }
}

/* Returns whether that content is a new one. */
static bool store(struct disk_sector *sector, const unsigned char *content)
{
    for (unsigned i = sector->count; i > 0; i--) {
        if (memcmp(sector->contents[i - 1], content, RECORDER_SECTOR) == 0) {
            sector->present = i - 1;
            return false;
        }
    }
    add_content(sector, content);
    return true;
}

static void make_certain(struct disk_sector *sector)
{
    sector->contents[0] = sector->contents[sector->present];
    sector->count = 1;
    sector->present = sector->chosen = 0;
}

unsigned disk_apply(struct disk *disk, const struct recorder_event *event,
                    size_t fresh[DISK_MOST_FRESH])
{
    unsigned fresh_count = 0;
    CHECK(event->start % RECORDER_PAGE == 0 && event->size % RECORDER_PAGE == 0);
    for (size_t at = 0; at < event->size; at += RECORDER_SECTOR) {
        size_t i = (event->start + at) / RECORDER_SECTOR;
        if (event->kind == RECORDED_STORE) {
            if (store(&disk->sectors[i], event->content + at)) {
                fresh[fresh_count++] = i;
            }
        } else if (event->kind == RECORDED_BARRIER && disk->is_dirty[i / SECTORS_IN_A_PAGE]) {
            make_certain(&disk->sectors[i]);
        }
    }
    if (event->kind == RECORDED_FAILED_BARRIER) {
        memset(disk->is_dirty, 0, disk->count / SECTORS_IN_A_PAGE * sizeof *disk->is_dirty);
        return 0;
    }
    for (size_t at = 0; at < event->size; at += RECORDER_PAGE) {
        disk->is_dirty[(event->start + at) / RECORDER_PAGE] = event->kind == RECORDED_STORE;
    }
    return fresh_count;
}

uint64_t random_number(uint64_t *seed, uint64_t below)
{
    /* splitmix64 */
    uint64_t number = *seed += UINT64_C(0x9E3779B97F4A7C15);
    number = (number ^ number >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    number = (number ^ number >> 27) * UINT64_C(0x94D049BB133111EB);
    return (number ^ number >> 31) % below;
}

/* How many there are, as far as that is no more than `most`, in which that sector is fixed. */
static unsigned count_images(const struct disk *disk, size_t fixed, unsigned most)
{
    uint64_t images = 1;
    for (size_t i = 0; i < disk->count && images <= most; i++) {
        images *= i == fixed ? 1 : disk->sectors[i].count;
    }
    return images <= most ? (unsigned)images : most + 1;
}

/* The next one in the order of an odometer. FALSE: that was the last one. */
static bool choose_next(struct disk *disk, size_t fixed)
{
    for (size_t i = 0; i < disk->count; i++) {
        struct disk_sector *sector = &disk->sectors[i];
        if (i != fixed && sector->count > 1) {
            sector->chosen = sector->chosen + 1 == sector->count ? 0 : sector->chosen + 1;
            if (sector->chosen != 0) {
                return true;
            }
        }
    }
    return false;
}

/* Disks write little or nearly everything; of a sector, mostly what it was or what it is. */
void disk_choose(struct disk *disk, uint64_t *seed)
{
    uint64_t old = 1 + random_number(seed, 16), present = 1 + random_number(seed, 16);
    for (size_t i = 0; i < disk->count; i++) {
        struct disk_sector *sector = &disk->sectors[i];
        if (sector->count > 1) {
            uint64_t kind = random_number(seed, old + present + 2);
            sector->chosen = kind < old             ? 0
                             : kind < old + present ? sector->present
                                                    : (unsigned)random_number(seed, sector->count);
        }
    }
}

static void visit_with(struct disk *disk, size_t fixed, unsigned all, unsigned sampled,
                       uint64_t *seed, disk_visitor *visit, void *context)
{
    bool is_fixed = fixed < disk->count;
    for (size_t i = 0; i < disk->count; i++) {
        disk->sectors[i].chosen = 0;
    }
    if (is_fixed) {
        disk->sectors[fixed].chosen = disk->sectors[fixed].present;
    }
    if (count_images(disk, fixed, all) <= all) {
        do {
            visit(context, disk);
        } while (choose_next(disk, fixed));
        return;
    }
    for (unsigned i = 0; i < sampled; i++) {
        disk_choose(disk, seed);
        if (is_fixed) {
            disk->sectors[fixed].chosen = disk->sectors[fixed].present;
        }
        visit(context, disk);
    }
}

void disk_visit(struct disk *disk, const size_t *fresh, unsigned fresh_count, unsigned all,
                unsigned sampled, uint64_t *seed, disk_visitor *visit, void *context)
{
    if (fresh_count == 0) {
        visit_with(disk, SIZE_MAX, all, sampled, seed, visit, context);
    }
    for (unsigned i = 0; i < fresh_count; i++) {
        visit_with(disk, fresh[i], all, sampled, seed, visit, context);
    }
}

void disk_copy_image(const struct disk *disk, unsigned char *image)
{
    for (size_t i = 0; i < disk->count; i++) {
        const struct disk_sector *sector = &disk->sectors[i];
        memcpy(image + i * RECORDER_SECTOR, sector->contents[sector->chosen], RECORDER_SECTOR);
    }
}
