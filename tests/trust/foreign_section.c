/* Living with others: programs that know the section only, and sections that are not ours. */
#include "check.h"
#include "library.h"
#include "process.h"
#include "raw_section.h"
#include "roles.h"
#include "unusable_section.h"

#include "layout.h"
#include "sharedmem.h"

#include <wchar.h>

#define SAMPLE_SIZE 4096 /* of the section in Microsoft's sample */
#define OUR_SIZE 12288

static void expect_flags(const struct library *library, DWORD flags)
{
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    CHECK(library->query(SHARED_MEM_TEXT, &info));
    CHECK_EQUAL(info.flags, flags);
}

static void the_text_stands_at_offset_0(void)
{
    struct library library = library_need(NULL);
    struct raw_section section = raw_section_open(SHARED_MEM_TEXT_NAME, FILE_MAP_WRITE);
    for (int round = 0; round < 3; round++) {
        SHARED_MEM_INFO info = {.cbSize = sizeof info};
        library.set(L"by the DLL");
        CHECK(wcscmp(section.text, L"by the DLL") == 0);
        wcscpy(section.text, L"by hand");
        CHECK(library_has_text(&library, L"by hand"));
        CHECK(library.query(SHARED_MEM_TEXT, &info));
        CHECK_EQUAL(info.size, sizeof L"by hand");
        CHECK_EQUAL(info.version, 2 * (round + 1)); /* what is done by hand makes none */
    }
    raw_section_close(&section);
    library_free(&library);
}

/*
 * No terminator in the whole slot: every buffer gets a terminated text, and no byte of the next
 * slot.
 */
static void a_missing_terminator_is_survived(void)
{
    struct library library = library_need(NULL);
    struct raw_section section = raw_section_open(SHARED_MEM_TEXT_NAME, FILE_MAP_WRITE);
    static WCHAR buffer[3 * SHARED_MEM_TEXT_CCH];

    library.set(L"");
    wmemset(section.text, L'x', SHARED_MEM_TEXT_CCH);
    library.get(buffer, ARRAYSIZE(buffer));
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    CHECK_EQUAL(wcslen(buffer), SHARED_MEM_TEXT_CCH - 1);
    library.get(buffer, SHARED_MEM_TEXT_CCH);
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    CHECK_EQUAL(wcslen(buffer), SHARED_MEM_TEXT_CCH - 1);
    library.get(buffer, SHARED_MEM_TEXT_CCH - 1);
    CHECK_EQUAL(GetLastError(), ERROR_MORE_DATA);
    CHECK_EQUAL(wcslen(buffer), SHARED_MEM_TEXT_CCH - 2);

    library.set(L"healed");
    CHECK(library_has_text(&library, L"healed"));
    raw_section_close(&section);
    library_free(&library);
}

/* Another program's section is used up to its first page's end, and nothing behind is touched. */
static void a_foreign_section_is_shared(DWORD size, size_t marks)
{
    struct raw_section section = raw_section_create(size, NULL);
    for (size_t unit = SHARED_MEM_TEXT_CCH; unit < marks; unit++) {
        section.text[unit] = 0x5555;
    }
    wcscpy(section.text, L"theirs");

    struct library library = library_need(NULL);
    CHECK(library_has_text(&library, L"theirs"));
    expect_flags(&library, SHARED_MEM_UNSYNCHRONISED);
    library.set(L"ours");
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    CHECK(wcscmp(section.text, L"ours") == 0);
    process_check_role(L"expect-ours");

    wmemset(section.text, L'x', SHARED_MEM_TEXT_CCH); /* nor does theirs have to be terminated */
    static WCHAR buffer[2 * SHARED_MEM_TEXT_CCH];
    library.get(buffer, ARRAYSIZE(buffer));
    CHECK_EQUAL(wcslen(buffer), SHARED_MEM_TEXT_CCH - 1);
    library.set(buffer);
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    CHECK_EQUAL(section.text[SHARED_MEM_TEXT_CCH - 1], 0);

    for (size_t unit = SHARED_MEM_TEXT_CCH; unit < marks; unit++) {
        CHECK_EQUAL(section.text[unit], 0x5555);
    }
    library_free(&library);
    raw_section_close(&section);
}

/* What needs versions, or the waiters' table, is refused: other processes have none of it. */
static void a_foreign_section_has_no_versions(DWORD size)
{
    struct raw_section section = raw_section_create(size, NULL);
    raw_section_control(&section)->magic = 0x5555; /* in the sample's, just a part of its text */
    struct library library = library_need(NULL);
    expect_flags(&library, SHARED_MEM_UNSYNCHRONISED);

    WCHAR text[16];
    SHARED_MEM_INFO info = {.cbSize = sizeof info};
    SIZE_T room = sizeof text;
    ULONGLONG version = 99;
    CHECK(library.write(SHARED_MEM_TEXT, L"text", sizeof L"text", &version));
    CHECK_EQUAL(version, 0);
    version = 99;
    CHECK(library.read(SHARED_MEM_TEXT, text, &room, &version));
    CHECK(room == sizeof L"text" && wcscmp(text, L"text") == 0);
    CHECK_EQUAL(version, 0);
    CHECK(library.query(SHARED_MEM_TEXT, &info));
    CHECK(info.version == 0 && info.writer == 0 && info.waiters == 0);

    CHECK(!library.replace(SHARED_MEM_TEXT, L"x", sizeof L"x", &version));
    CHECK_EQUAL(GetLastError(), ERROR_NOT_SUPPORTED);
    CHECK_EQUAL(version, 0);
    room = sizeof text;
    CHECK(!library.read_next(SHARED_MEM_TEXT, text, &room, &version, NULL));
    CHECK_EQUAL(GetLastError(), ERROR_NOT_SUPPORTED);
    CHECK(!library.wait(SHARED_MEM_TEXT, 0, 0));
    CHECK_EQUAL(GetLastError(), ERROR_NOT_SUPPORTED);
    CHECK(!library.wait(SHARED_MEM_TEXT, 1, INFINITE));
    CHECK_EQUAL(GetLastError(), ERROR_NOT_SUPPORTED);
    CHECK(library.open_event(SHARED_MEM_TEXT) == NULL);
    CHECK_EQUAL(GetLastError(), ERROR_NOT_SUPPORTED);
    CHECK(!library.arm_event(SHARED_MEM_TEXT, NULL, 0));
    CHECK_EQUAL(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(library_has_text(&library, L"text"));
    library_free(&library);
    raw_section_close(&section);
}

/* The magic was wrong when the DLL attached, and another process has restored it since. */
static void a_magic_is_looked_at_again(void)
{
    struct raw_section section = raw_section_create(OUR_SIZE, NULL);
    struct layout_control *control = raw_section_control(&section);
    control->magic = 0x5555;
    struct library library = library_need(NULL);
    library.set(L"alone");
    expect_flags(&library, SHARED_MEM_UNSYNCHRONISED);

    control->magic = LAYOUT_MAGIC(LAYOUT_TEXT_SLOTS);
    control->sequence = 40;
    CHECK(library_has_text(&library, L"alone"));
    ULONGLONG version = 40;
    CHECK(!library.wait(SHARED_MEM_TEXT, version, 1));
    CHECK_EQUAL(GetLastError(), ERROR_TIMEOUT);
    CHECK(library.replace(SHARED_MEM_TEXT, L"together", sizeof L"together", &version));
    CHECK(version == 42 && control->sequence == 42);
    expect_flags(&library, 0);
    control->magic = 0x5555; /* again: this process knows better now */
    CHECK(library_has_text(&library, L"together"));
    expect_flags(&library, 0);
    library.set(L"healed");
    CHECK(control->magic == LAYOUT_MAGIC(LAYOUT_TEXT_SLOTS));
    library_free(&library);
    raw_section_close(&section);
}

/* A section that this process may only map for reading, as another user's may be. */
static void a_read_only_peer_reads(void)
{
    struct raw_section section =
        raw_section_create(OUR_SIZE, L"D:(A;;0x0005;;;WD)"); /* query, map for read */
    wcscpy(section.text, L"to be read");

    struct library library = library_need(NULL);
    CHECK(library_has_text(&library, L"to be read"));
    expect_flags(&library, SHARED_MEM_READ_ONLY);
    library.set(L"never to be read");
    CHECK_EQUAL(GetLastError(), ERROR_ACCESS_DENIED);
    CHECK(library_has_text(&library, L"to be read"));
    library.set(NULL);
    CHECK_EQUAL(GetLastError(), ERROR_INVALID_PARAMETER);
    library_free(&library);
    raw_section_close(&section);
}

/* The right to map for writing is enough; creating asks for more. */
static void the_right_to_write_is_enough(const WCHAR *access_control)
{
    struct raw_section section = raw_section_create(OUR_SIZE, access_control);
    struct library library = library_need(NULL);
    expect_flags(&library, 0);
    library.set(L"written");
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    CHECK(library_has_text(&library, L"written"));
    CHECK(wcscmp(section.text, L"written") == 0);
    library_free(&library);
    raw_section_close(&section);
}

/* The DLL loads, its calls give this error, and work when the section is gone. */
static void a_section_is_waited_out(HANDLE mapping, DWORD error)
{
    struct library library = library_need(NULL);
    library_lacks_text(&library, error);
    CloseHandle(mapping);
    library.set(L"healed");
    CHECK_EQUAL(GetLastError(), ERROR_SUCCESS);
    CHECK(library_has_text(&library, L"healed"));
    expect_flags(&library, 0);
    library_free(&library);
}

static void no_access_is_waited_out(void)
{
    struct raw_section section = raw_section_create(OUR_SIZE, L"D:");
    a_section_is_waited_out(section.mapping, ERROR_ACCESS_DENIED);
    UnmapViewOfFile(section.text);
}

/* What others could change, cut short or take away under the DLL's feet. */
static void an_unusable_section_is_waited_out(HANDLE mapping)
{
    a_section_is_waited_out(mapping, ERROR_INVALID_DATA);
}

static int expect_ours(char **arguments)
{
    struct library library = library_need(NULL);
    (void)arguments;
    CHECK(library_has_text(&library, L"ours"));
    return 0;
}

static const struct role roles[] = {{"expect-ours", expect_ours}};

int main(int argc, char **argv)
{
    check_deadline(60);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    the_text_stands_at_offset_0();
    a_missing_terminator_is_survived();
    a_foreign_section_is_shared(SAMPLE_SIZE, 0);
    a_foreign_section_is_shared(2 * SAMPLE_SIZE, SAMPLE_SIZE);
    a_foreign_section_is_shared(OUR_SIZE, OUR_SIZE / 2); /* our size, but not our magic */
    a_foreign_section_is_shared(65536, 65536 / 2);
    a_foreign_section_has_no_versions(SAMPLE_SIZE);
    a_foreign_section_has_no_versions(OUR_SIZE);
    a_magic_is_looked_at_again();
    a_read_only_peer_reads();
    the_right_to_write_is_enough(L"D:(A;;0x0007;;;WD)"); /* query, map for both */
    the_right_to_write_is_enough(L"D:(A;;0x0006;;;WD)"); /* no query */
    no_access_is_waited_out();
    an_unusable_section_is_waited_out(unusable_section_file(SHARED_MEM_TEXT_NAME, OUR_SIZE));
    an_unusable_section_is_waited_out(unusable_section_file(SHARED_MEM_TEXT_NAME, SAMPLE_SIZE));
    an_unusable_section_is_waited_out(unusable_section_image(SHARED_MEM_TEXT_NAME));
    an_unusable_section_is_waited_out(
        unusable_section_memory(SHARED_MEM_TEXT_NAME, OUR_SIZE, SEC_NOCACHE | SEC_COMMIT));
    an_unusable_section_is_waited_out(
        unusable_section_memory(SHARED_MEM_TEXT_NAME, OUR_SIZE, SEC_RESERVE));
    return check_passed();
}
