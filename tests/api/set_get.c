/* The contract of SetSharedMem and GetSharedMem: every length, every buffer, every error. */
#include "check.h"
#include "guarded.h"

#include "sharedmem.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define LONGEST (SHARED_MEM_TEXT_CCH - 1)
#define GUARD 0xBEEF /* what a buffer holds where nothing may be written */
#define NO_ERROR_YET 0xDEAD

static DWORD set(const WCHAR *text)
{
    SetLastError(NO_ERROR_YET);
    SetSharedMem(text);
    return GetLastError();
}

static DWORD get(WCHAR *buffer, DWORD cch)
{
    SetLastError(NO_ERROR_YET);
    GetSharedMem(buffer, cch);
    return GetLastError();
}

/* The whole text, from a buffer that suits any. */
static const WCHAR *present_text(void)
{
    static WCHAR buffer[SHARED_MEM_TEXT_CCH];
    CHECK_EQUAL(get(buffer, SHARED_MEM_TEXT_CCH), ERROR_SUCCESS);
    return buffer;
}

/* Units that differ from their neighbours and from those of other lengths; none is a surrogate. */
static void fill(WCHAR *text, size_t cch)
{
    for (size_t i = 0; i < cch; i++) {
        text[i] = (WCHAR)(0x100 + (i * 7 + cch) % 0xD00);
    }
    text[cch] = 0;
}

static void unwritten_region_is_empty(void)
{
    WCHAR one[1] = {GUARD};
    CHECK_EQUAL(wcslen(present_text()), 0);
    CHECK_EQUAL(get(one, 1), ERROR_SUCCESS);
    CHECK_EQUAL(one[0], 0);
}

static void every_length_arrives(void)
{
    static const size_t lengths[] = {0, 1, 7, 8, 9, 31, 32, 33, 2015, 2016, 2017, 2046, 2047};
    static WCHAR text[SHARED_MEM_TEXT_CCH];
    for (size_t i = 0; i < ARRAYSIZE(lengths); i++) {
        fill(text, lengths[i]);
        CHECK_EQUAL(set(text), ERROR_SUCCESS);
        CHECK(wcscmp(present_text(), text) == 0);
    }
}

static void too_long_texts_are_cut(void)
{
    static const size_t lengths[] = {2048, 2049, 100000};
    static WCHAR text[100001];
    for (size_t i = 0; i < ARRAYSIZE(lengths); i++) {
        fill(text, lengths[i]);
        CHECK_EQUAL(set(text), ERROR_INSUFFICIENT_BUFFER);
        CHECK_EQUAL(wcslen(present_text()), LONGEST);
        CHECK(wcsncmp(present_text(), text, LONGEST) == 0);
    }
}

/*
 * Buffers of every size, right in front of a page that cannot be accessed, and with guards before
 * it.
 */
static void every_buffer_gets_what_fits(void)
{
    struct guarded memory = guarded_allocate(4096);
    WCHAR *end = (WCHAR *)(void *)memory.end;
    WCHAR text[65];

    for (size_t length = 0; length <= 64; length++) {
        fill(text, length);
        CHECK_EQUAL(set(text), ERROR_SUCCESS);
        for (DWORD cch = 0; cch <= 70; cch++) {
            for (int behind = 0; behind <= 8; behind += 8) {
                WCHAR *buffer = end - behind - cch;
                size_t expected = cch == 0 ? 0 : length < cch ? length : cch - 1;
                for (WCHAR *unit = end - 100; unit < end; unit++) {
                    *unit = GUARD;
                }
                DWORD error = get(buffer, cch);
                if (cch == 0) {
                    CHECK_EQUAL(error, ERROR_INVALID_PARAMETER);
                } else {
                    CHECK_EQUAL(error, length < cch ? ERROR_SUCCESS : ERROR_MORE_DATA);
                    CHECK(wmemcmp(buffer, text, expected) == 0);
                    CHECK_EQUAL(buffer[expected], 0);
                }
                for (WCHAR *unit = end - 100; unit < end; unit++) {
                    bool written = cch > 0 && unit >= buffer && unit <= buffer + expected;
                    CHECK(written || *unit == GUARD);
                }
            }
        }
    }
}

/* Texts that end right in front of a page that cannot be read, or begin right behind one. */
static void nothing_beyond_a_text_is_read(void)
{
    struct guarded memory = guarded_allocate(2 * 4096);
    static WCHAR text[SHARED_MEM_TEXT_CCH];

    for (size_t length = 0; length <= LONGEST; length += length < 140 ? 1 : 53) {
        fill(text, length);
        size_t size = (length + 1) * sizeof *text;
        for (size_t shift = 0; shift <= 3; shift++) { /* odd addresses are addresses, too */
            char *places[] = {memory.start + shift, memory.end - size - shift};
            for (size_t i = 0; i < ARRAYSIZE(places); i++) {
                memset(memory.start, 0x55, (size_t)(memory.end - memory.start));
                memcpy(places[i], text, size);
                CHECK_EQUAL(set((const WCHAR *)(const void *)places[i]), ERROR_SUCCESS);
                CHECK(wcscmp(present_text(), text) == 0);
            }
        }
    }
}

/* Across the units of such a text lie zeros that are no terminator. */
static void an_odd_text_is_a_text(void)
{
    static const WCHAR text[] = L"A\x0100\x0041\x0100\x0041\x0100";
    char bytes[sizeof text + 1];
    memcpy(bytes + 1, text, sizeof text);
    CHECK_EQUAL(set((const WCHAR *)(void *)(bytes + 1)), ERROR_SUCCESS);
    CHECK(wcscmp(present_text(), text) == 0);
}

static void an_odd_buffer_is_a_buffer(void)
{
    char bytes[64 * sizeof(WCHAR) + 1];
    WCHAR copy[64];
    CHECK_EQUAL(set(L"at an odd address"), ERROR_SUCCESS);
    CHECK_EQUAL(get((WCHAR *)(void *)(bytes + 1), 64), ERROR_SUCCESS);
    memcpy(copy, bytes + 1, sizeof copy);
    CHECK(wcscmp(copy, L"at an odd address") == 0);
}

/*
 * A text of pairs only, cut at every place: pairs stay whole. A lone surrogate is a unit as any
 * other.
 */
static void surrogate_pairs_stay_whole(void)
{
    static WCHAR text[SHARED_MEM_TEXT_CCH + 2];
    WCHAR buffer[70];

    for (size_t offset = 0; offset <= 1; offset++) {
        size_t length = 0;
        if (offset == 1) {
            text[length++] = L'x';
        }
        while (length < 64) {
            text[length++] = 0xD83C;
            text[length++] = 0xDF89;
        }
        text[length] = 0;
        CHECK_EQUAL(set(text), ERROR_SUCCESS);
        for (DWORD cch = 1; cch <= length; cch++) {
            size_t expected = cch - 1;
            expected -= (expected - offset) % 2 != 0 && expected > offset ? 1 : 0;
            CHECK_EQUAL(get(buffer, cch), ERROR_MORE_DATA);
            CHECK_EQUAL(wcslen(buffer), expected);
            CHECK(wmemcmp(buffer, text, expected) == 0);
        }
        CHECK_EQUAL(get(buffer, (DWORD)length + 1), ERROR_SUCCESS);
        CHECK(wcscmp(buffer, text) == 0);
    }

    fill(text, LONGEST + 1);
    text[LONGEST - 1] = 0xD83C; /* the last unit that fits, and the first that does not */
    text[LONGEST] = 0xDF89;
    CHECK_EQUAL(set(text), ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQUAL(wcslen(present_text()), LONGEST - 1);

    text[LONGEST] = 0xD83C; /* not the second half of a pair */
    CHECK_EQUAL(set(text), ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQUAL(wcslen(present_text()), LONGEST);

    CHECK_EQUAL(set(L"\xDF89\xDF89\xD83C"), ERROR_SUCCESS);
    CHECK_EQUAL(get(buffer, 3), ERROR_MORE_DATA);
    CHECK(wcscmp(buffer, L"\xDF89\xDF89") == 0);
}

static void bad_arguments_change_nothing(void)
{
    WCHAR buffer[8] = {GUARD};
    CHECK_EQUAL(set(L"kept"), ERROR_SUCCESS);
    CHECK_EQUAL(set(NULL), ERROR_INVALID_PARAMETER);
    CHECK(wcscmp(present_text(), L"kept") == 0);
    CHECK_EQUAL(get(NULL, 10), ERROR_INVALID_PARAMETER);
    CHECK_EQUAL(get(NULL, 0), ERROR_INVALID_PARAMETER);
    CHECK_EQUAL(get(buffer, 0), ERROR_INVALID_PARAMETER);
    CHECK_EQUAL(buffer[0], GUARD);
    CHECK_EQUAL(get(buffer, 0xFFFFFFFF), ERROR_SUCCESS); /* the text needs five of them */
    CHECK(wcscmp(buffer, L"kept") == 0);
}

int main(void)
{
    check_deadline(60);
    unwritten_region_is_empty();
    every_length_arrives();
    too_long_texts_are_cut();
    every_buffer_gets_what_fits();
    nothing_beyond_a_text_is_read();
    an_odd_text_is_a_text();
    an_odd_buffer_is_a_buffer();
    surrogate_pairs_stay_whole();
    bad_arguments_change_nothing();
    CHECK_EQUAL(SharedMemVersion(), SHAREDMEM_VERSION);
    return check_passed();
}
