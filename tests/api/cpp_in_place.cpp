/* The third source of the tests of sharedmem.hpp: borrowed, reservation, history. */
#include "cpp_header.h"

#include <stdexcept>
#include <vector>

#if STANDARD >= 20
#include <ranges>
#endif

using sharedmem::borrowed;
using sharedmem::const_bytes;
using sharedmem::history;
using sharedmem::region;
using sharedmem::reservation;
using namespace std::chrono_literals;

static_assert(std::is_trivially_copyable_v<borrowed>);
static_assert(std::is_nothrow_move_constructible_v<reservation> &&
              std::is_nothrow_move_assignable_v<reservation>);
static_assert(!std::is_copy_constructible_v<reservation> &&
              !std::is_copy_assignable_v<reservation>);
static_assert(std::is_move_constructible_v<history> && std::is_move_assignable_v<history>);
static_assert(!std::is_copy_constructible_v<history>);
static_assert(!std::is_copy_constructible_v<history::entry>); /* its bytes are the history's */

/* What ends with the region is not had of one that ends at once. */
template <class Region, class = void> constexpr bool lends = false;
template <class Region>
constexpr bool lends<Region, std::void_t<decltype(std::declval<Region>().borrow())>> = true;
template <class Region, class = void> constexpr bool reserves = false;
template <class Region>
constexpr bool reserves<Region, std::void_t<decltype(std::declval<Region>().reserve())>> = true;
template <class Region, class = void> constexpr bool remembers = false;
template <class Region>
constexpr bool remembers<Region, std::void_t<decltype(std::declval<Region>().history())>> = true;
static_assert(lends<const region &> && !lends<region> && !lends<const region>);
static_assert(reserves<region &> && !reserves<region> && !reserves<const region &>);
static_assert(remembers<const region &> && !remembers<region> && !remembers<const region>);
static_assert(std::is_constructible_v<sharedmem::event, const region &> &&
              !std::is_constructible_v<sharedmem::event, region>);

#if STANDARD >= 20
static_assert(std::ranges::input_range<history>);
#endif

static std::string as_string(const_bytes value)
{
    return std::string(reinterpret_cast<const char *>(value.data()), value.size());
}

/* As often as a region without a history needs until nothing is lent any more. */
static void overwrite(region &shared, std::string_view value)
{
    for (int i = 0; i < 3; i++) {
        shared.write(value);
    }
}

static void a_loan_knows_whether_it_is_whole()
{
    region shared = region::open_or_create(REGION L"loan", 10);
    const borrowed empty = shared.borrow();
    CHECK(empty.bytes().empty() && empty.version() == 0 && empty.is_whole());
    shared.write(std::string_view("one"));
    region reader = region::open_read_only(REGION L"loan");
    const borrowed value = reader.borrow();
    const borrowed own = shared.borrow();
    CHECK(own.version() == 1 && as_string(own.bytes()) == "one" && own.is_whole());
    reader = region();
    throws("ValidateSharedMem", ERROR_INVALID_HANDLE, [&] { (void)value.is_whole(); });
    overwrite(shared, "other");
    CHECK(!own.is_whole() && !empty.is_whole());
    const region text = region::text(), none;
    throws("BorrowSharedMem", ERROR_NOT_SUPPORTED, [&] { text.borrow(); });
    throws("BorrowSharedMem", ERROR_INVALID_HANDLE, [&] { none.borrow(); });
}

static void only_what_was_whole_counts()
{
    region shared = region::open_or_create(REGION L"whole", 10);
    shared.write(std::string_view("one"));
    CHECK(shared.borrow(as_string) == "one");

    int calls = 0;
    const auto size = shared.borrow([&](const_bytes value) {
        if (calls++ == 0) {
            overwrite(shared, "other");
        }
        return value.size();
    });
    CHECK(calls == 2 && size == 5);

    calls = 0;
    const bool result = shared.borrow([&](const_bytes) {
        if (calls++ == 0) {
            overwrite(shared, "third");
            throw std::runtime_error("of no value");
        }
        return true;
    });
    CHECK(calls == 2 && result);
    try {
        shared.borrow([](const_bytes) -> int { throw std::runtime_error("of the value"); });
        check_failed(__FILE__, __LINE__, "it throws");
    } catch (const std::runtime_error &thrown) {
        CHECK(std::strcmp(thrown.what(), "of the value") == 0);
    }

    calls = 0;
    const auto copy = shared.borrow([&](const_bytes value) {
        CHECK_EQUAL(reinterpret_cast<std::uintptr_t>(value.data()) % 4096, 0);
        overwrite(shared, std::to_string(++calls)); /* faster than any reader */
        return as_string(value);
    });
    CHECK(calls == 65 && copy == "64");
}

static void a_reservation_is_published_or_discarded()
{
    region shared = region::open_or_create(REGION L"reservation", 10);
    std::string value;
    {
        reservation place = shared.reserve();
        CHECK_EQUAL(place.bytes().size(), 10);
        CHECK_EQUAL(reinterpret_cast<std::uintptr_t>(place.bytes().data()) % 4096, 0);
        std::memcpy(place.bytes().data(), "first", 5);
        throws("ReserveSharedMem", ERROR_POSSIBLE_DEADLOCK, [&] { (void)shared.reserve(); });
        throws("PublishSharedMem", ERROR_INSUFFICIENT_BUFFER, [&] { place.publish(11); });
        CHECK_EQUAL(place.publish(4), 1);
        CHECK(place.bytes().empty());
        throws("PublishSharedMem", ERROR_INVALID_HANDLE, [&] { place.publish(4); });
    }
    CHECK(shared.read(value).version == 1 && value == "firs");
    {
        reservation place = shared.reserve();
        std::memcpy(place.bytes().data(), "second", 6);
        reservation moved = std::move(place);
        CHECK(place.bytes().empty() && moved.bytes().size() == 10);
        CHECK(shared.query().writer != 0);
    }
    CHECK(shared.query().writer == 0 && shared.query().version == 1);

    CHECK(!shared.reserve(0) && shared.query().writer == 0);
    CHECK(shared.reserve(1)->publish(0) == 2 && shared.query().size == 0);
    region text = region::text(), none;
    throws("ReserveSharedMem", ERROR_NOT_SUPPORTED, [&] { (void)text.reserve(); });
    throws("ReserveSharedMem", ERROR_INVALID_HANDLE, [&] { (void)none.reserve(0); });
}

static void a_lost_reservation_spares_the_next()
{
    region shared = region::open_or_create(REGION L"lost", 10);
    reservation place = shared.reserve();
    CHECK(DiscardSharedMem(shared.handle()));
    throws("PublishSharedMem", ERROR_NOT_LOCKED, [&] { place.publish(1); });
    CHECK(place.bytes().empty());
    place = shared.reserve();
    CHECK(place.bytes().size() == 10 && place.publish(1) == 1);
}

/* What a history has: the values, one after the other, and how many are lost before each. */
static std::string read_all(history &values)
{
    std::string all;
    for (const auto &entry : values) {
        CHECK_EQUAL(entry.version, values.version());
        all += std::string(static_cast<std::size_t>(entry.missed), '-') + as_string(entry.value);
    }
    return all;
}

static void a_history_is_a_range()
{
    SHARED_MEM_OPTIONS options = {};
    options.capacity = 10;
    options.depth = 3;
    region shared = region::open_with(REGION L"history", options);
    history values = shared.history();
    CHECK(read_all(values).empty() && values.version() == 0);
    for (std::string_view value : {"a", "larger", "", "b", "largest"}) {
        shared.write(value);
    }
    history later = shared.history(4);
    CHECK(read_all(values) == "--blargest" && values.version() == 5);
    CHECK(read_all(later) == "largest" && read_all(later).empty());
    shared.write(std::string_view("c"));
    CHECK(read_all(values) == "c" && values.version() == 6);

    std::uint64_t version = 4;
    for (const auto &entry : shared.history(version)) {
        version = entry.version;
        break;
    }
    CHECK_EQUAL(version, 5);
    CHECK(later.begin() != later.end());
    CHECK(later.begin() == later.end()); /* it had one */

    history earlier = shared.history(1000); /* of an earlier region of that name */
    auto place = earlier.begin();
    CHECK(place->version == 4 && place->missed == 3 && as_string((*place).value) == "b");
    ++place;
    CHECK_EQUAL(place->version, 5);
    history moved = std::move(earlier);
    CHECK(read_all(moved) == "c");

    region empty = region::open_or_create(REGION L"no-history", 10);
    history none = empty.history(1000);
    CHECK(read_all(none).empty() && none.version() == 0); /* wait() is for what comes */
    region closed;
    history ended = closed.history();
    throws("ReadNextSharedMem", ERROR_INVALID_HANDLE,
           [&] { (void)(ended.begin() == ended.end()); });
}

/* What is not looked at is not read: the next loop begins there. */
static void nothing_is_read_ahead()
{
    SHARED_MEM_OPTIONS options = {};
    options.capacity = 10;
    options.depth = 6;
    region shared = region::open_with(REGION L"ahead", options);
    for (std::string_view value : {"a", "b", "c", "d", "e", "f"}) {
        shared.write(value);
    }
    history values = shared.history();
    std::string seen;
    auto place = values.begin();
    for (int i = 0; i < 2; i++, ++place) {
        seen += as_string(place->value);
    }
    CHECK(seen == "ab" && values.version() == 2);
    ++place;
    ++place; /* passes over two */
    CHECK(values.version() == 4 && as_string(place->value) == "e");
    CHECK(place == values.begin() && values.version() == 6);
    CHECK(++place == values.end());
#if STANDARD >= 20
    seen.clear();
    values = shared.history();
    for (std::counted_iterator at(values.begin(), 3); at != std::default_sentinel; ++at) {
        seen += as_string((*at).value); /* std::views::take does so */
    }
    CHECK(seen == "abc" && values.version() == 3 && read_all(values) == "def");
#endif
}

void values_in_place()
{
    a_loan_knows_whether_it_is_whole();
    only_what_was_whole_counts();
    a_reservation_is_published_or_discarded();
    a_lost_reservation_spares_the_next();
    a_history_is_a_range();
    nothing_is_read_ahead();
}
