/*
 * sharedmem.hpp: what it promises of regions, for each standard of C++ that it is compiled for.
 * The functions themselves have their tests elsewhere.
 */
#include "cpp_header.h"

#include <array>
#include <filesystem>
#include <sddl.h>
#include <vector>

using sharedmem::region;
using namespace std::chrono_literals;

static_assert(std::is_nothrow_move_constructible_v<region> &&
              std::is_nothrow_move_assignable_v<region>);
static_assert(!std::is_copy_constructible_v<region> && !std::is_copy_assignable_v<region>);
static_assert(!std::is_convertible_v<HSHAREDMEM, region> && !std::is_convertible_v<region, bool>);

/* A time-out is never cut short, nor out of range. */
static_assert(sharedmem::detail::milliseconds(0s) == 0);
static_assert(sharedmem::detail::milliseconds(-1s) == 0);
static_assert(sharedmem::detail::milliseconds(1ns) == 1);
static_assert(sharedmem::detail::milliseconds(5ms) == 5);
static_assert(sharedmem::detail::milliseconds(5000001ns) == 6);
static_assert(sharedmem::detail::milliseconds(2min) == 120000);
static_assert(sharedmem::detail::milliseconds(std::chrono::milliseconds(INFINITE - 2)) ==
              INFINITE - 2);
static_assert(sharedmem::detail::milliseconds(std::chrono::milliseconds(INFINITE - 1)) == INFINITE);
static_assert(sharedmem::detail::milliseconds((std::chrono::hours::max)()) == INFINITE);
static_assert(sharedmem::detail::milliseconds((std::chrono::hours::min)()) == 0);

static bool exists(const wchar_t *name)
{
    try {
        region::open(name);
        return true;
    } catch (const std::system_error &thrown) {
        CHECK_EQUAL(thrown.code().value(), ERROR_FILE_NOT_FOUND);
        return false;
    }
}

static void a_region_closes_itself()
{
    region none;
    CHECK(!none && none.handle() == nullptr);
    {
        region first = region::open_or_create(REGION L"first", 10);
        CHECK(first && exists(REGION L"first"));
        region second = std::move(first);
        CHECK(second && exists(REGION L"first"));
        second = region::open_or_create(REGION L"second", 10);
        CHECK(!exists(REGION L"first") && exists(REGION L"second"));
        none = std::move(second);
        CHECK_EQUAL(none.query().capacity, 10);
    }
    CHECK(exists(REGION L"second"));
    HSHAREDMEM handle = none.release();
    CHECK(!none && exists(REGION L"second"));
    {
        CHECK(region(handle).handle() == handle);
    }
    CHECK(!exists(REGION L"second"));

    SetLastError(4321);
    {
        CHECK(region::text().handle() == SHARED_MEM_TEXT);
    }
    CHECK_EQUAL(GetLastError(), 4321); /* closing it would fail */
}

static void opening_is_restricted()
{
    region own = region::create(REGION L"own", 10);
    throws("OpenSharedMem", ERROR_ALREADY_EXISTS, [] { region::create(REGION L"own", 10); });
    SHARED_MEM_OPTIONS options = {};
    throws("OpenSharedMemEx", ERROR_FILE_NOT_FOUND,
           [&] { region::open_with(REGION L"deep", options); });
    options.capacity = 10;
    options.depth = 5;
    CHECK_EQUAL(region::open_with(REGION L"deep", options).query().depth, 5);

    throws("OpenSharedMem", ERROR_INVALID_PARAMETER,
           [] { region::open_or_create(REGION L"none", 0); });
    const std::wstring cut = std::wstring(REGION L"own") + L'\0' + L"ed";
    throws("OpenSharedMem", ERROR_INVALID_PARAMETER, [&] { region::open(cut); });
    throws("OpenSharedMemEx", ERROR_INVALID_PARAMETER, [&] { region::open_with(cut, options); });
    throws("OpenSharedMemEx", ERROR_INVALID_PARAMETER, [&] { region::open_file(cut, options); });
    throws("OpenSharedMem", ERROR_FILE_NOT_FOUND, [] { region::open(REGION L"none"); });
    throws("OpenSharedMem", ERROR_FILE_NOT_FOUND, [] { region::open_read_only(REGION L"none"); });

    SECURITY_ATTRIBUTES security = {};
    security.nLength = sizeof security;
    CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorW(
        L"D:(A;;0x0005;;;WD)", SDDL_REVISION_1, &security.lpSecurityDescriptor, nullptr));
    region writer = region::open_or_create(REGION L"guarded", 10, &security);
    LocalFree(security.lpSecurityDescriptor);
    writer.write(std::string_view("value"));
    throws("OpenSharedMem", ERROR_ACCESS_DENIED, [] { region::open(REGION L"guarded"); });

    region reader = region::open_read_only(REGION L"guarded");
    std::string value;
    CHECK_EQUAL(reader.read(value).version, 1);
    CHECK(value == "value");
    CHECK_EQUAL(reader.query().flags, SHARED_MEM_READ_ONLY);
    throws("WriteSharedMem", ERROR_ACCESS_DENIED, [&] { reader.write(value); });
    throws("ReplaceSharedMem", ERROR_ACCESS_DENIED, [&] { (void)reader.replace(value, 1); });
    throws("OpenSharedMem", ERROR_INSUFFICIENT_BUFFER, [] {
        region small = region::open_or_create(REGION L"small", 10);
        region::open_or_create(REGION L"small", 11);
    });
}

static void no_region_is_no_crash()
{
    region none;
    std::string value;
    std::array<char, 4> room;
    throws("ReadSharedMem", ERROR_INVALID_HANDLE, [&] { none.read(value); });
    throws("ReadSharedMem", ERROR_INVALID_HANDLE, [&] { none.read(room); });
    throws("WriteSharedMem", ERROR_INVALID_HANDLE, [&] { none.write(value); });
    throws("ReplaceSharedMem", ERROR_INVALID_HANDLE, [&] { (void)none.replace(value, 0); });
    throws("WaitSharedMem", ERROR_INVALID_HANDLE, [&] { none.wait(0); });
    throws("WaitSharedMem", ERROR_INVALID_HANDLE, [&] { none.wait_for(0, 1s); });
    throws("QuerySharedMem", ERROR_INVALID_HANDLE, [&] { none.query(); });
}

static void reading_makes_room()
{
    region shared = region::open_or_create(REGION L"room", 100);
    std::vector<std::uint32_t> numbers(3, 7);
    sharedmem::read_result result = shared.read(numbers);
    CHECK(numbers.empty() && result.size == 0 && result.version == 0);

    shared.write(std::vector<std::uint32_t>{1, 2, 3, 4});
    result = shared.read(numbers);
    CHECK((numbers == std::vector<std::uint32_t>{1, 2, 3, 4}));
    CHECK(result.size == 16 && result.version == 1);
    const std::uint32_t *before = numbers.data();
    shared.write(std::array<std::uint32_t, 2>{5, 6});
    result = shared.read(numbers);
    CHECK((numbers == std::vector<std::uint32_t>{5, 6}));
    CHECK(result.size == 8 && result.version == 2 && numbers.data() == before);

    shared.write(std::string_view("123456789"));
    throws("ReadSharedMem", ERROR_INVALID_DATA, [&] { shared.read(numbers); });
    std::array<char, 8> small;
    throws("ReadSharedMem", ERROR_MORE_DATA, [&] { shared.read(small); });
    std::array<char, 20> large = {};
    result = shared.read(large);
    CHECK(result.size == 9 && result.version == 3);
    CHECK(std::string_view(large.data(), large.size()) ==
          std::string_view("123456789\0\0\0\0\0\0\0\0\0\0\0", 20));
}

/* A container for whose every size there is soon another value. */
class outgrown
{
  public:
    void resize(std::size_t size)
    {
        value.resize(size);
        if (size > 0 && size < 5) {
            region::open(REGION L"growing").write(std::string(size + 1, 'x'));
        }
    }
    char *data()
    {
        return value.data();
    }
    std::size_t size() const
    {
        return value.size();
    }

  private:
    std::string value;
};

static void a_growing_value_is_caught_up_with()
{
    region shared = region::open_or_create(REGION L"growing", 5);
    shared.write(std::string_view("x"));
    outgrown value;
    const sharedmem::read_result result = shared.read(value);
    CHECK(result.size == 5 && result.version == 5);
    CHECK(std::string_view(value.data(), value.size()) == "xxxxx");
}

static void replacing_is_refused_by_result()
{
    region shared = region::open_or_create(REGION L"replace", 10);
    CHECK(shared.replace(std::string_view("one"), 0) == std::uint64_t(1));
    CHECK(!shared.replace(std::string_view("two"), 0));
    std::string value;
    CHECK(shared.read(value).version == 1 && value == "one");
    CHECK(shared.replace(std::string_view("two"), 1) == std::uint64_t(2));
    CHECK(shared.read(value).version == 2 && value == "two");
    throws("ReplaceSharedMem", ERROR_INSUFFICIENT_BUFFER,
           [&] { (void)shared.replace(std::string(11, 'x'), 2); });
    throws("WriteSharedMem", ERROR_INSUFFICIENT_BUFFER,
           [&] { shared.write(std::string(11, 'x')); });
}

static void write_later()
{
    Sleep(50);
    region::open(REGION L"wait").write(std::string_view("later"));
}

static void waiting_ends()
{
    region shared = region::open_or_create(REGION L"wait", 10);
    CHECK(!shared.wait_for(0, 0s) && !shared.wait_for(0, 20ms));
    CHECK(shared.wait_for(1, -1s)); /* it has another one */
    {
        background writer(write_later);
        shared.wait(0);
        CHECK_EQUAL(shared.query().version, 1);
    }
    background writer(write_later);
    CHECK(shared.wait_for(1, std::chrono::hours(24 * 365)));
    CHECK_EQUAL(shared.query().version, 2);
    CHECK_EQUAL(shared.query().size, 5);
}

static void expect(const sharedmem::event &changed, DWORD result)
{
    CHECK_EQUAL(WaitForSingleObject(changed.handle(), result == WAIT_OBJECT_0 ? 10000 : 20),
                result);
}

static void an_event_is_set_by_a_change()
{
    region shared = region::open_or_create(REGION L"event", 10);
    sharedmem::event changed(shared);
    expect(changed, WAIT_TIMEOUT);
    changed.arm(0);
    expect(changed, WAIT_TIMEOUT);
    shared.write({});
    expect(changed, WAIT_OBJECT_0);
    changed.arm(1);
    expect(changed, WAIT_TIMEOUT);
    changed.arm(0);
    expect(changed, WAIT_OBJECT_0);

    sharedmem::event moved = std::move(changed);
    CHECK(moved && !changed);
    throws("ArmSharedMemEvent", ERROR_INVALID_HANDLE, [&] { changed.arm(0); });
    HANDLE handle = moved.handle();
    moved.arm(1);
    moved = sharedmem::event(shared);
    CHECK(moved.handle() != handle);
    CHECK(!ArmSharedMemEvent(shared.handle(), handle, 1)); /* it is closed */
    const region none;
    throws("OpenSharedMemEvent", ERROR_INVALID_HANDLE, [&] { sharedmem::event fails(none); });
}

static void a_file_outlives_its_region()
{
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() /
        (REGION + std::to_wstring(GetCurrentProcessId()) + L".region");
    SHARED_MEM_OPTIONS options = {};
    throws("OpenSharedMemEx", ERROR_FILE_NOT_FOUND, [&] { region::open_file(path); });
    options.capacity = 10;
    options.depth = 3;
    std::uint64_t version = 0;
    {
        region shared = region::open_file(path, options);
        CHECK(shared.query().flags == 0 && shared.query().depth == 3);
        CHECK(shared.write(std::string_view("one")) == 1 && shared.query().durable == 0);
        CHECK(shared.flush(1) == 1 && shared.query().durable == 1);
        version = shared.write(std::string_view("two"));
        CHECK(version == 2 && shared.flush(1) == 1);
        const region &constant = shared;
        CHECK(constant.flush() == 2 && shared.query().durable == 2);
    }
    {
        region shared = region::open_file(path.wstring());
        CHECK_EQUAL(shared.query().flags, SHARED_MEM_RECOVERED);
        std::string value;
        CHECK(shared.read(value).version > version && value == "two");
        options.flags = SHARED_MEM_READ_ONLY;
        options.capacity = 0;
        region reader = region::open_file(path, options);
        throws("FlushSharedMem", ERROR_ACCESS_DENIED, [&] { reader.flush(); });
    }
    CHECK(std::filesystem::remove(path));

    region unbacked = region::open_or_create(REGION L"unbacked", 10);
    throws("FlushSharedMem", ERROR_NOT_SUPPORTED, [&] { unbacked.flush(); });
    throws("FlushSharedMem", ERROR_INVALID_HANDLE, [] { region().flush(); });
}

int main()
{
    check_deadline(60);
    try {
        a_region_closes_itself();
        opening_is_restricted();
        no_region_is_no_crash();
        reading_makes_room();
        a_growing_value_is_caught_up_with();
        replacing_is_refused_by_result();
        waiting_ends();
        an_event_is_set_by_a_change();
        a_file_outlives_its_region();
        values_and_texts();
        values_in_place();
    } catch (const std::exception &unexpected) {
        check_failed(__FILE__, __LINE__, unexpected.what());
    }
    return check_passed();
}
