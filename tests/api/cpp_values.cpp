/* The second source of the tests of sharedmem.hpp: views, shared_value, the text. */
#include "cpp_header.h"

#include <array>
#include <stdexcept>
#include <vector>

#if STANDARD >= 20
#include <ranges>
#include <span>
#endif

using sharedmem::bytes;
using sharedmem::const_bytes;
using sharedmem::region;
using sharedmem::shared_value;
using namespace std::chrono_literals;

template <class From, class To> constexpr bool converts = std::is_convertible_v<From, To>;

/* What can be viewed, and what cannot: constants for writing, what other processes cannot use. */
static_assert(converts<const std::vector<int> &, const_bytes>);
static_assert(converts<std::vector<int> &, bytes> && !converts<const std::vector<int> &, bytes>);
static_assert(converts<std::array<double, 3> &, bytes>);
static_assert(converts<const std::array<double, 3> &, const_bytes>);
static_assert(converts<std::string_view, const_bytes> && !converts<std::string_view, bytes>);
static_assert(converts<bytes, const_bytes> && !converts<const_bytes, bytes>);
static_assert(!converts<std::vector<std::string> &, bytes>);
static_assert(!converts<std::vector<int *> &, const_bytes>);
static_assert(!converts<std::vector<bool> &, const_bytes>);
static_assert(converts<std::vector<int>, const_bytes> && !converts<std::vector<int>, bytes>);
static_assert(!converts<int, const_bytes> && !converts<const char *, const_bytes>);
static_assert(std::is_trivially_copyable_v<bytes> && std::is_trivially_copyable_v<const_bytes>);

#if STANDARD >= 20
static_assert(converts<std::span<int>, bytes> && converts<std::span<const int>, const_bytes>);
static_assert(!converts<std::span<const int>, bytes>);
static_assert(converts<const_bytes, std::span<const std::byte>>);
static_assert(converts<bytes, std::span<std::byte>>);
static_assert(!converts<const_bytes, std::span<std::byte>>);
static_assert(std::ranges::borrowed_range<bytes> && std::ranges::view<const_bytes>);
#endif

static void views_are_of_bytes()
{
    std::vector<std::uint16_t> numbers = {0x0201, 0x0403};
    bytes view = numbers;
    CHECK(view.size() == 4 && !view.empty() && view.end() - view.begin() == 4);
    int sum = 0;
    for (std::byte byte : const_bytes(view)) {
        sum = 10 * sum + std::to_integer<int>(byte);
    }
    CHECK_EQUAL(sum, 1234);
    *view.data() = std::byte(9);
    CHECK_EQUAL(numbers[0], 0x0209);
    CHECK(const_bytes().empty() && const_bytes().data() == nullptr);
    CHECK(bytes(numbers.data(), 3).size() == 3);

    region shared = region::open_or_create(REGION L"views", 10);
    shared.write({"abc", 2});
    std::string value;
    shared.read(value);
    CHECK(value == "ab");
    shared.write({});
    CHECK_EQUAL(shared.query().size, 0);
#if STANDARD >= 20
    shared.write(std::span<std::uint16_t>(numbers));
    std::array<std::uint16_t, 2> copy = {};
    CHECK_EQUAL(shared.read(std::span(copy)).size, 4);
    CHECK(copy[0] == 0x0209 && copy[1] == 0x0403);
#endif
}

struct position {
    std::uint32_t frame;
    float x;
};

/* Larger than its fields, and at more than a stack's alignment. */
struct alignas(64) padded {
    std::uint8_t kind;
    double x;

    padded *operator&() = delete; /* of no use to others */
};

static void a_value_is_loaded_whole_or_not()
{
    shared_value<position> shared(REGION L"value");
    CHECK_EQUAL(shared.get_region().query().capacity, sizeof(position));
    shared_value<position>::snapshot last = shared.load();
    CHECK(!last.value && last.version == 0);
    CHECK_EQUAL(shared.store({1, 2.5f}), 1);
    last = shared.load();
    CHECK(last.value && last.value->frame == 1 && last.version == 1);
    CHECK(last.value->x > 2.4f && last.value->x < 2.6f);
    CHECK(!shared.replace({3, 0}, 0) && shared.load().value->frame == 1);
    CHECK(shared.replace({3, 0}, 1) == std::uint64_t(2) && shared.load().value->frame == 3);
    CHECK(shared.wait_for(1, 0s) && !shared.wait_for(2, 1ms));
    shared.wait(1);

    region other = region::open_or_create(REGION L"value", 1);
    other.write({});
    last = shared.load();
    CHECK(!last.value && last.version == 3);
    other.write(std::string_view("less"));
    throws("ReadSharedMem", ERROR_INVALID_DATA, [&] { shared.load(); });
    shared_value<std::uint16_t> smaller(region::open_read_only(REGION L"value"));
    throws("ReadSharedMem", ERROR_INVALID_DATA, [&] { smaller.load(); });
    throws("WriteSharedMem", ERROR_ACCESS_DENIED, [&] { smaller.store(1); });
    throws("OpenSharedMem", ERROR_INSUFFICIENT_BUFFER,
           [] { shared_value<std::array<char, 100>> larger(REGION L"value"); });
    throws("ReadSharedMem", ERROR_INVALID_HANDLE, [] { shared_value<position>(region()).load(); });
}

static void a_value_may_have_padding()
{
    shared_value<padded> shared(REGION L"padded");
    CHECK_EQUAL(shared.get_region().query().capacity, sizeof(padded));
    padded value = {};
    value.kind = 7;
    shared.store(value);
    CHECK(shared.load().value->kind == 7);
    value.kind = 8;
    CHECK(shared.replace(value, 1) && shared.load().value->kind == 8);
}

constexpr std::uint32_t ADDITIONS = 2000;

static std::uint32_t add_one(const std::optional<std::uint32_t> &number)
{
    return number.value_or(0) + 1;
}

static void add()
{
    shared_value<std::uint32_t> sum(REGION L"sum");
    for (std::uint32_t i = 0; i < ADDITIONS; i++) {
        sum.update(add_one);
    }
}

static void no_update_is_lost()
{
    shared_value<std::uint32_t> sum(REGION L"sum");
    auto [one, version] = sum.update(add_one);
    CHECK(one == 1u && version == 1);

    {
        background first(add), second(add), third(add);
    }
    CHECK(sum.load().value == 1 + 3 * ADDITIONS);

    int calls = 0;
    const auto stored = sum.update([&](std::optional<std::uint32_t> number) {
        if (calls++ == 0) {
            sum.store(10); /* another thread is faster */
        }
        return *number + 1;
    });
    CHECK(calls == 2 && stored.value == 11u && stored.version == sum.load().version);
    CHECK(sum.load().value == 11u);

    try {
        sum.update([](const std::optional<std::uint32_t> &) -> std::uint32_t {
            throw std::runtime_error("no");
        });
        check_failed(__FILE__, __LINE__, "it throws");
    } catch (const std::runtime_error &) {
        CHECK(sum.load().version == stored.version);
    }
}

static void the_text_is_a_string()
{
    const std::wstring_view sentence = L"one two";
    const std::uint64_t version = sharedmem::set_text(sentence.substr(0, 3));
    CHECK(sharedmem::get_text() == L"one");
    const std::uint64_t next = sharedmem::set_text(std::wstring(L"two"));
    CHECK(next > version && next == region::text().query().version);
    CHECK(sharedmem::get_text() == L"two" && region::text().wait_for(version, 0s));
    std::wstring terminated;
    CHECK_EQUAL(region::text().read(terminated).version, next);
    CHECK(terminated == std::wstring(L"two", 4));

    sharedmem::set_text(std::wstring_view(L"up\0to", 5));
    CHECK(sharedmem::get_text() == L"up");
    sharedmem::set_text({});
    CHECK(sharedmem::get_text().empty());

    const std::wstring longest(SHARED_MEM_TEXT_CCH - 1, L'x');
    sharedmem::set_text(longest);
    CHECK(sharedmem::get_text() == longest);
    throws("WriteSharedMem", ERROR_INSUFFICIENT_BUFFER,
           [&] { sharedmem::set_text(longest + L"y"); });
    CHECK(sharedmem::get_text() == longest);
}

void values_and_texts()
{
    views_are_of_bytes();
    a_value_is_loaded_whole_or_not();
    a_value_may_have_padding();
    no_update_is_lost();
    the_text_is_a_string();
}
