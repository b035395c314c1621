/* The geometry of a region, from the size of its section and back. */
#include "check.h"

#include "geometry.h"

enum { MOST_PAGES = 100000 };

/* What is made for a depth holds it, and nothing smaller does. */
static void every_depth_has_its_slots(void)
{
    for (uint32_t depth = 1; depth <= 1024; depth++) {
        uint32_t slots = geometry_slots(depth);
        CHECK((slots & (slots - 1)) == 0 && slots >= LAYOUT_SLOTS && slots <= LAYOUT_MAX_SLOTS);
        CHECK(slots >= depth + 2 && (slots == LAYOUT_SLOTS || slots / 2 < depth + 2));
        CHECK(depth >= geometry_min_depth(slots) && depth <= geometry_max_depth(slots));
    }
    CHECK_EQUAL(geometry_slots(2), LAYOUT_SLOTS);
    CHECK_EQUAL(geometry_slots(1024), LAYOUT_MAX_SLOTS);
}

static void a_size_tells_its_geometry(uint32_t slots, size_t slot_pages)
{
    struct geometry geometry;
    size_t size = geometry_size(slot_pages * LAYOUT_PAGE, slots);
    CHECK_EQUAL(size, (slots * slot_pages + slots / 4 + 1) * LAYOUT_PAGE);
    CHECK(geometry_find(&geometry, size));
    CHECK_EQUAL(geometry.slots, slots);
    CHECK_EQUAL(geometry.slot_size, slot_pages * LAYOUT_PAGE);
    CHECK(geometry_size((slot_pages - 1) * LAYOUT_PAGE + 1, slots) == size);

    size_t records = geometry_records(&geometry), control = size - LAYOUT_PAGE;
    CHECK_EQUAL(records, slots * slot_pages * LAYOUT_PAGE);
    CHECK(records + slots * sizeof(struct layout_record) <= control);
}

/* No size has a geometry that leads outside it, nor one that no region has. */
static void any_size_is_safe(void)
{
    unsigned found = 0;
    for (size_t pages = 0; pages < MOST_PAGES; pages++) {
        struct geometry geometry;
        if (geometry_find(&geometry, pages * LAYOUT_PAGE)) {
            CHECK(geometry.slots >= LAYOUT_SLOTS && geometry.slots <= LAYOUT_MAX_SLOTS);
            CHECK_EQUAL(geometry_size(geometry.slot_size, geometry.slots), pages * LAYOUT_PAGE);
            found++;
        }
        CHECK(!geometry_find(&geometry, pages * LAYOUT_PAGE + 1));
        CHECK(!geometry_find(&geometry, pages * LAYOUT_PAGE + LAYOUT_PAGE - 1));
    }
    CHECK(found > MOST_PAGES / 4);
}

static void what_is_too_large_has_no_size(void)
{
    for (uint32_t slots = LAYOUT_SLOTS; slots <= LAYOUT_MAX_SLOTS; slots *= 2) {
        CHECK_EQUAL(geometry_size(UINT64_MAX, slots), 0);
        CHECK_EQUAL(geometry_size(PTRDIFF_MAX, slots), 0);
        CHECK_EQUAL(geometry_size((uint64_t)PTRDIFF_MAX / slots, slots), 0);
        CHECK(geometry_size((uint64_t)PTRDIFF_MAX / slots - 2 * LAYOUT_PAGE, slots) != 0);
    }
}

int main(void)
{
    check_deadline(60);
    every_depth_has_its_slots();
    for (uint32_t slots = LAYOUT_SLOTS; slots <= LAYOUT_MAX_SLOTS; slots *= 2) {
        for (size_t slot_pages = 1; slot_pages < 70; slot_pages++) {
            a_size_tells_its_geometry(slots, slot_pages);
        }
    }
    any_size_is_safe();
    what_is_too_large_has_no_size();
    return check_passed();
}
