/*
 * sharedmem.h for C++17 and newer: regions that close themselves, values of any type, exceptions.
 *
 * What the functions do, their limits and pitfalls, and every error code are in sharedmem.h; here
 * is what C++ adds. The header has all of it: a program links sharedmem.dll's import library only.
 *
 *   - Errors are exceptions: std::system_error, with the error code of GetLastError in
 *     std::system_category and the name of the function of sharedmem.h in what(). A name with a NUL
 *     in it is ERROR_INVALID_PARAMETER. What a correct program expects is a result instead: a
 *     version that is not the expected one, a time-out, a value that was never written, the end of
 *     a history. Besides, only memory allocation throws: std::bad_alloc.
 *   - If a function throws, the region's value is unchanged. A buffer that was to receive a value
 *     holds nothing of use.
 *   - Any threads may call the functions of one object at the same time, except for those that give
 *     it another region: assignment, move, release, destructor. A reservation and a history belong
 *     to one thread. Constness of a region protects its value: const functions do not change it.
 *   - A version is a number that grows with each write to a region, from 0 before the first one.
 */
#ifndef SHAREDMEM_HPP
#define SHAREDMEM_HPP

#include "sharedmem.h"

#if __cplusplus < 201703L && (!defined(_MSVC_LANG) || _MSVC_LANG < 201703L)
#error "sharedmem.hpp needs C++17 or newer (Visual Studio: /std:c++17)"
#endif

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>
#if __has_include(<version>)
#include <version>
#endif
#ifdef __cpp_lib_ranges
#include <ranges>
#endif

namespace sharedmem
{

/* Not for users. */
namespace detail
{

[[noreturn]] inline void fail(const char *function, DWORD error = GetLastError())
{
    throw std::system_error(static_cast<int>(error), std::system_category(), function);
}

/* A name or path for the DLL, to which a NUL within it would be its end. */
inline LPCWSTR terminated(const char *function, const std::wstring &name)
{
    if (name.find(L'\0') != std::wstring::npos) {
        fail(function, ERROR_INVALID_PARAMETER);
    }
    return name.c_str();
}

struct closer {
    void operator()(HSHAREDMEM region) const noexcept
    {
        if (region != SHARED_MEM_TEXT) {
            CloseSharedMem(region);
        }
    }
};

struct event_closer {
    using pointer = HANDLE;

    void operator()(HANDLE event) const noexcept
    {
        CloseSharedMemEvent(region, event);
    }

    HSHAREDMEM region = nullptr;
};

struct discarder {
    void operator()(HSHAREDMEM region) const noexcept
    {
        DiscardSharedMem(region);
    }
};

/* For WaitSharedMem: never less than `timeout`. What takes 49 days or longer has no end. */
template <class Rep, class Period>
constexpr DWORD milliseconds(const std::chrono::duration<Rep, Period> &timeout)
{
    const double exact = std::chrono::duration<double, std::milli>(timeout).count();
    if (!(exact > 0)) {
        return 0;
    }
    if (exact >= INFINITE - 1.0) {
        return INFINITE;
    }
    const auto whole = static_cast<DWORD>(exact);
    return whole < exact ? whole + 1 : whole;
}

/* Whether other processes can use the bytes of a T. */
template <class T>
inline constexpr bool is_shareable =
    std::is_trivially_copyable_v<T> && !std::is_pointer_v<T> && !std::is_member_pointer_v<T>;

/*
 * Only for a container with data() and size() whose elements can be viewed as Byte. A temporary
 * counts as constant, since what is written to it would be lost; but not if it is a view itself.
 */
template <class Container, class Byte,
          class Element = std::remove_pointer_t<decltype(std::declval<const Container &>().data())>,
          class Size = decltype(std::declval<const Container &>().size())>
using if_viewable =
    std::enable_if_t<is_shareable<Element> && std::is_convertible_v<Size, std::size_t> &&
                         (std::is_const_v<Byte> || !std::is_const_v<Element>),
                     int>;

/* Only for a container with resize(), too. */
template <class Container, if_viewable<Container &, std::byte> = 0,
          class Result = decltype(std::declval<Container &>().resize(std::size_t()))>
using if_resizable = std::enable_if_t<std::is_void_v<Result>, int>;

/* Where borrowed bytes lie, and copies of them: at a page's start. */
inline constexpr std::align_val_t page{4096};

struct page_deleter {
    void operator()(std::byte *bytes) const noexcept
    {
        ::operator delete(bytes, page);
    }
};

} // namespace detail

/**
 * A view of bytes that belong to another object: what to write, or where to read to. Made of
 * whatever has data() and size() and elements that can be copied as bytes, such as std::vector,
 * std::array, std::string_view and std::span. A borrowed range and a view of C++20, and converts to
 * std::span.
 */
template <class Byte> class basic_bytes
{
  public:
    constexpr basic_bytes() noexcept = default;

    /** Views `length` bytes at `address`, which may be null if `length` is 0. */
    basic_bytes(std::conditional_t<std::is_const_v<Byte>, const void, void> *address,
                std::size_t length) noexcept
        : first(static_cast<Byte *>(address)), count(length)
    {
    }

    /** Views all elements of a container, as long as it lives and is not resized. */
    template <class Container, detail::if_viewable<Container, Byte> = 0>
    basic_bytes(Container &&container) noexcept
        : basic_bytes(container.data(), container.size() * sizeof *container.data())
    {
    }

    constexpr Byte *data() const noexcept
    {
        return first;
    }

    constexpr std::size_t size() const noexcept
    {
        return count;
    }

    constexpr bool empty() const noexcept
    {
        return count == 0;
    }

    constexpr Byte *begin() const noexcept
    {
        return first;
    }

    constexpr Byte *end() const noexcept
    {
        return first + count;
    }

  private:
    Byte *first = nullptr;
    std::size_t count = 0;
};

using bytes = basic_bytes<std::byte>;
using const_bytes = basic_bytes<const std::byte>;

/** What region::read has read: the bytes of the value, and its version. */
struct read_result {
    std::size_t size;
    std::uint64_t version;
};

/**
 * A value where it stands, not copied: what region::borrow has found. Needs no end, and can be used
 * as long as the region is open. The bytes may change at any time: BorrowSharedMem says what that
 * requires of the code that reads them.
 */
class borrowed
{
  public:
    /** The value. */
    const_bytes bytes() const noexcept
    {
        return value;
    }

    /** Its version. */
    std::uint64_t version() const noexcept
    {
        return number;
    }

    /**
     * Whether everything that was read so far of the bytes was this version, whole. If not, throw
     * away what was made of it.
     *
     * @throws std::system_error  ValidateSharedMem's, except for ERROR_REVISION_MISMATCH.
     */
    [[nodiscard]] bool is_whole() const
    {
        if (ValidateSharedMem(lender, number)) {
            return true;
        }
        if (GetLastError() != ERROR_REVISION_MISMATCH) {
            detail::fail("ValidateSharedMem");
        }
        return false;
    }

  private:
    friend class region;

    explicit borrowed(HSHAREDMEM opened) : lender(opened)
    {
        LPCVOID data = nullptr;
        SIZE_T size = 0;
        if (!BorrowSharedMem(lender, &data, &size, &number)) {
            detail::fail("BorrowSharedMem");
        }
        value = const_bytes(data, size);
    }

    HSHAREDMEM lender;
    const_bytes value;
    std::uint64_t number = 0;
};

/**
 * A write in place that region::reserve has begun. The thread that reserved makes the value in
 * bytes() and publishes it; the destructor, in that thread, discards what was not published. Can be
 * moved, but not copied. Closing the region ends it: after that, it can only be destroyed. Destroy
 * it before the region is reserved again.
 */
class reservation
{
  public:
    /**
     * Where to make the value, from a page's start on, as large as the capacity; none once it was
     * published or lost.
     */
    sharedmem::bytes bytes() const noexcept
    {
        return owned ? room : sharedmem::bytes();
    }

    /**
     * Makes the first `size` bytes the value, at once for every reader, and wakes the threads that
     * wait for a change.
     *
     * @return the version that this made.
     *
     * @throws std::system_error  PublishSharedMem's; ERROR_NOT_LOCKED if the reservation is lost.
     *                            ERROR_INVALID_HANDLE if it was published, lost or moved from.
     */
    std::uint64_t publish(std::size_t size)
    {
        std::uint64_t version = 0;
        if (!PublishSharedMem(owned.get(), size, &version)) {
            const DWORD error = GetLastError();
            if (error == ERROR_NOT_LOCKED) {
                (void)owned.release(); /* a later reservation is not this one's to discard */
            }
            detail::fail("PublishSharedMem", error);
        }
        (void)owned.release();
        return version;
    }

  private:
    friend class region;

    reservation(HSHAREDMEM reserved, sharedmem::bytes place) noexcept : owned(reserved), room(place)
    {
    }

    std::unique_ptr<SHARED_MEM, detail::discarder> owned;
    sharedmem::bytes room;
};

/**
 * A reader's place in the values that a region keeps: an input range of those that it has not read,
 * from region::history. It can be iterated again, for what has been written since. Usable as long
 * as the region is open. Can be moved, which ends its iterators, but not copied.
 *
 *     sharedmem::history values = shared.history();
 *     for (;;) {
 *         for (const auto &entry : values) {
 *             ... entry.value, entry.version, entry.missed ...
 *         }
 *         shared.wait(values.version());
 *     }
 */
class history
{
  public:
    /** A value that was read. The next one takes its place, so it cannot be copied. */
    struct entry {
        entry() = default;
        entry(entry &&) = default;
        entry &operator=(entry &&) = default;

        const_bytes value;
        std::uint64_t version = 0;
        std::uint64_t missed = 0; /**< Values before this one that were lost: no longer kept. */
    };

    /**
     * Reads a value when it is accessed or compared, and none ahead: where a loop ends, the next
     * one goes on.
     *
     * Operators throw std::system_error  ReadNextSharedMem's errors, except for ERROR_MORE_DATA and
     * ERROR_NO_MORE_ITEMS. The place stays, for another attempt.
     */
    class iterator
    {
      public:
        using iterator_category = std::input_iterator_tag;
        using value_type = entry;
        using difference_type = std::ptrdiff_t;
        using pointer = const entry *;
        using reference = const entry &;

        iterator() noexcept = default;

        reference operator*() const
        {
            reader->has_next();
            return reader->last;
        }

        pointer operator->() const
        {
            return &**this;
        }

        iterator &operator++()
        {
            reader->has_next();
            reader->is_read = false;
            return *this;
        }

        void operator++(int)
        {
            ++*this;
        }

        friend bool operator==(const iterator &one, const iterator &other)
        {
            return one.is_at_end() == other.is_at_end();
        }

        friend bool operator!=(const iterator &one, const iterator &other)
        {
            return !(one == other);
        }

      private:
        friend class history;

        explicit iterator(history *next) noexcept : reader(next)
        {
        }

        bool is_at_end() const
        {
            return reader == nullptr || !reader->has_next();
        }

        history *reader = nullptr;
    };

    history(history &&) = default;
    history &operator=(history &&) = default;

    /** The first value that was not read yet. */
    iterator begin() noexcept
    {
        is_read = false;
        return iterator(this);
    }

    /** What is reached when no value is newer than those that were read. */
    iterator end() noexcept
    {
        return iterator();
    }

    /** The place: the version that was read last; at the end, the present one. */
    std::uint64_t version() const noexcept
    {
        return place;
    }

  private:
    friend class region;

    history(HSHAREDMEM opened, std::uint64_t after) noexcept : source(opened), place(after)
    {
    }

    /* Whether there is a value at the place that iterators stand for: reads it, once. */
    bool has_next()
    {
        if (!is_read) {
            has_last = read();
            is_read = true;
        }
        return has_last;
    }

    bool read()
    {
        SIZE_T size = buffer.size();
        while (!ReadNextSharedMem(source, buffer.data(), &size, &place, &last.missed)) {
            const DWORD error = GetLastError();
            if (error == ERROR_NO_MORE_ITEMS) {
                return false;
            }
            if (error != ERROR_MORE_DATA) {
                detail::fail("ReadNextSharedMem", error);
            }
            last.value = {};
            buffer.resize(size);
        }
        last.value = const_bytes(buffer.data(), size);
        last.version = place;
        return true;
    }

    HSHAREDMEM source;
    std::uint64_t place;
    std::vector<std::byte> buffer;
    entry last;
    bool is_read = false, has_last = false;
};

/** An open region; the destructor closes it. Can be moved, but not copied. */
class region
{
  public:
    /** No region. Calls fail with ERROR_INVALID_HANDLE, as on one that was moved from. */
    region() noexcept = default;

    /** Takes over a handle that OpenSharedMem returned, or none. */
    explicit region(HSHAREDMEM opened) noexcept : owned(opened)
    {
    }

    /**
     * Opens a region, and creates it if it does not exist.
     *
     * @param name      The name, as for OpenSharedMem.
     * @param capacity  Bytes that a value can have at most. An existing region must have at least
     *                  this capacity, and keeps its own.
     * @param security  Access control of the region, if this call creates it.
     *
     * @throws std::system_error  ERROR_INVALID_PARAMETER if `capacity` is 0, and OpenSharedMem's.
     */
    static region open_or_create(const std::wstring &name, std::size_t capacity,
                                 LPSECURITY_ATTRIBUTES security = nullptr)
    {
        if (capacity == 0) {
            detail::fail("OpenSharedMem", ERROR_INVALID_PARAMETER);
        }
        return open_named(name, capacity, 0, security);
    }

    /**
     * Creates a region, which must not exist: it is this process's own, with its access control.
     *
     * @throws std::system_error  ERROR_ALREADY_EXISTS if the name is taken, and OpenSharedMem's.
     */
    static region create(const std::wstring &name, std::size_t capacity,
                         LPSECURITY_ATTRIBUTES security = nullptr)
    {
        return open_named(name, capacity, SHARED_MEM_CREATE_NEW, security);
    }

    /**
     * Opens an existing region for reading and writing.
     *
     * @throws std::system_error  ERROR_FILE_NOT_FOUND if there is none, and OpenSharedMem's.
     */
    static region open(const std::wstring &name)
    {
        return open_named(name, 0, 0, nullptr);
    }

    /**
     * Opens an existing region for reading, which requires the right to read only. Writes fail with
     * ERROR_ACCESS_DENIED.
     *
     * @throws std::system_error  ERROR_FILE_NOT_FOUND if there is none, and OpenSharedMem's.
     */
    static region open_read_only(const std::wstring &name)
    {
        return open_named(name, 0, SHARED_MEM_READ_ONLY, nullptr);
    }

    /**
     * Opens or creates a region with options, for example one that keeps more than its last value.
     *
     * @param options  Its cbSize need not be set.
     *
     * @throws std::system_error  OpenSharedMemEx's.
     */
    static region open_with(const std::wstring &name, SHARED_MEM_OPTIONS options)
    {
        options.cbSize = sizeof options;
        return checked("OpenSharedMemEx",
                       OpenSharedMemEx(detail::terminated("OpenSharedMemEx", name), &options));
    }

    /**
     * Opens the region of a file, which outlives its processes; creates the file if it does not
     * exist and the options have a capacity.
     *
     * @param path     A std::wstring, or a std::filesystem::path.
     * @param options  Its cbSize and its file need not be set.
     *
     * @throws std::system_error  ERROR_FILE_NOT_FOUND if there is none and none is created, and
     *                            OpenSharedMemEx's.
     */
    static region open_file(const std::wstring &path, SHARED_MEM_OPTIONS options = {})
    {
        options.cbSize = sizeof options;
        options.file = detail::terminated("OpenSharedMemEx", path);
        return checked("OpenSharedMemEx", OpenSharedMemEx(nullptr, &options));
    }

    /** The text, as a region: SHARED_MEM_TEXT, which is never closed. */
    static region text() noexcept
    {
        return region(SHARED_MEM_TEXT);
    }

    /** Whether this is a region: neither moved from, nor released, nor made without a handle. */
    explicit operator bool() const noexcept
    {
        return owned != nullptr;
    }

    /** The handle, for the functions of sharedmem.h. It still belongs to this object. */
    HSHAREDMEM handle() const noexcept
    {
        return owned.get();
    }

    /** Gives the handle to the caller, who closes it. This object has no region then. */
    [[nodiscard]] HSHAREDMEM release() noexcept
    {
        return owned.release();
    }

    /**
     * Copies the value, one whole value, to a place of fixed size.
     *
     * @return the bytes of the value, 0 before the first write, and its version.
     *
     * @throws std::system_error  ERROR_MORE_DATA if the value does not fit, and ReadSharedMem's.
     */
    read_result read(bytes room) const
    {
        SIZE_T size = room.size();
        read_result result = {};
        if (!ReadSharedMem(handle(), room.data(), &size, &result.version)) {
            detail::fail("ReadSharedMem");
        }
        result.size = size;
        return result;
    }

    /**
     * Copies the value, one whole value, to a container, and gives it the size of the value. A
     * container that is used again is not allocated again, unless the value has grown.
     *
     * @param value  A std::vector, std::string or other container with resize(), data() and size().
     *               That of SHARED_MEM_TEXT, a std::wstring, receives the terminator, too.
     *
     * @throws std::system_error  ERROR_INVALID_DATA if the value is not a number of whole elements,
     *                            and ReadSharedMem's.
     */
    template <class Container, detail::if_resizable<Container> = 0>
    read_result read(Container &value) const
    {
        constexpr std::size_t width = sizeof *value.data();
        read_result result = {};
        SIZE_T size = value.size() * width;
        while (!ReadSharedMem(handle(), value.data(), &size, &result.version)) {
            if (GetLastError() != ERROR_MORE_DATA) {
                detail::fail("ReadSharedMem");
            }
            value.resize(size / width + (size % width != 0));
            size = value.size() * width;
        }
        if (size % width != 0) {
            detail::fail("ReadSharedMem", ERROR_INVALID_DATA);
        }
        value.resize(size / width);
        result.size = size;
        return result;
    }

    /**
     * Replaces the value, at once for every reader, and wakes the threads that wait for a change.
     *
     * @return the version that this write made.
     *
     * @throws std::system_error  WriteSharedMem's.
     */
    std::uint64_t write(const_bytes value)
    {
        std::uint64_t version = 0;
        if (!WriteSharedMem(handle(), value.data(), value.size(), &version)) {
            detail::fail("WriteSharedMem");
        }
        return version;
    }

    /**
     * Replaces the value if it still has the version `expected`.
     *
     * @return the version that this write made; nothing if the value has another version: read it
     *         again before the next attempt, or the update that made that version is lost.
     *
     * @throws std::system_error  ReplaceSharedMem's, except for ERROR_REVISION_MISMATCH.
     */
    [[nodiscard]] std::optional<std::uint64_t> replace(const_bytes value, std::uint64_t expected)
    {
        std::uint64_t version = expected;
        if (ReplaceSharedMem(handle(), value.data(), value.size(), &version)) {
            return version;
        }
        if (GetLastError() != ERROR_REVISION_MISMATCH) {
            detail::fail("ReplaceSharedMem");
        }
        return std::nullopt;
    }

    /**
     * Finds the value where it stands, without copying it.
     *
     * @throws std::system_error  BorrowSharedMem's.
     */
    borrowed borrow() const &
    {
        return borrowed(handle());
    }
    borrowed borrow() const && = delete; /* the destructor would unmap what was borrowed */

    /**
     * Makes something of the value where it stands; of the next value if writers have overwritten
     * it meanwhile; and after 64 attempts in vain, of a copy that read() makes.
     *
     * @param make  Takes a const_bytes, at a page's start, under the rules of BorrowSharedMem, and
     *              returns something that does not refer to these bytes. May be called several
     *              times. What it throws counts as a result does: only if the bytes were whole.
     *
     * @return what `make` has returned for one whole value.
     *
     * @throws std::system_error  Those of BorrowSharedMem, QuerySharedMem and ReadSharedMem.
     */
    template <class Function> auto borrow(Function &&make) const
    {
        static_assert(!std::is_void_v<std::invoke_result_t<Function &, const_bytes>>,
                      "make takes a const_bytes and returns what it has made of it");
        for (int attempt = 0; attempt < 64; attempt++) {
            const borrowed value = borrow();
            try {
                auto result = make(value.bytes());
                if (value.is_whole()) {
                    return result;
                }
            } catch (...) {
                if (value.is_whole()) {
                    throw;
                }
            }
        }
        const auto capacity = static_cast<std::size_t>(query().capacity);
        const std::unique_ptr<std::byte, detail::page_deleter> copy(
            static_cast<std::byte *>(::operator new(capacity, detail::page)));
        const read_result result = read(bytes(copy.get(), capacity));
        return make(const_bytes(copy.get(), result.size));
    }

    /**
     * Begins a write in place, which reservation::publish ends. Others wait until then to write.
     *
     * @throws std::system_error  ReserveSharedMem's.
     */
    [[nodiscard]] reservation reserve() &
    {
        return *reserved(nullptr);
    }
    reservation reserve() && = delete;

    /**
     * The same if the value still has the version `expected`.
     *
     * @return nothing if it has another one, as with replace.
     *
     * @throws std::system_error  ReserveSharedMem's, except for ERROR_REVISION_MISMATCH.
     */
    [[nodiscard]] std::optional<reservation> reserve(std::uint64_t expected) &
    {
        return reserved(&expected);
    }
    std::optional<reservation> reserve(std::uint64_t expected) && = delete;

    /**
     * The values that the region keeps and that are newer than `version`; reads none of them yet.
     *
     * @param version  As with ReadNextSharedMem: 0 begins with the oldest.
     */
    [[nodiscard]] sharedmem::history history(std::uint64_t version = 0) const &noexcept
    {
        return {handle(), version};
    }
    sharedmem::history history(std::uint64_t version = 0) const && = delete;

    /**
     * Makes the value of a file survive power failure, as FlushSharedMem.
     *
     * @param version  As write() returned it; by default, the present one.
     *
     * @return the version that is on the disk, this one or a newer one.
     *
     * @throws std::system_error  FlushSharedMem's.
     */
    std::uint64_t flush(std::uint64_t version = UINT64_MAX) const
    {
        std::uint64_t durable = 0;
        if (!FlushSharedMem(handle(), version, &durable)) {
            detail::fail("FlushSharedMem");
        }
        return durable;
    }

    /**
     * Waits until the version differs from `version`.
     *
     * @throws std::system_error  WaitSharedMem's.
     */
    void wait(std::uint64_t version) const
    {
        if (!WaitSharedMem(handle(), version, INFINITE)) {
            detail::fail("WaitSharedMem");
        }
    }

    /**
     * Waits until the version differs from `version`, or `timeout` has passed, rounded up to
     * milliseconds. 49 days or longer never pass; 0 or less only looks.
     *
     * @return whether the version differs.
     *
     * @throws std::system_error  WaitSharedMem's, except for ERROR_TIMEOUT.
     */
    template <class Rep, class Period>
    bool wait_for(std::uint64_t version, const std::chrono::duration<Rep, Period> &timeout) const
    {
        if (WaitSharedMem(handle(), version, detail::milliseconds(timeout))) {
            return true;
        }
        if (GetLastError() != ERROR_TIMEOUT) {
            detail::fail("WaitSharedMem");
        }
        return false;
    }

    /**
     * Describes the region and its value.
     *
     * @throws std::system_error  QuerySharedMem's.
     */
    SHARED_MEM_INFO query() const
    {
        SHARED_MEM_INFO info = {};
        info.cbSize = sizeof info;
        if (!QuerySharedMem(handle(), &info)) {
            detail::fail("QuerySharedMem");
        }
        return info;
    }

  private:
    static region open_named(const std::wstring &name, std::size_t capacity, DWORD flags,
                             LPSECURITY_ATTRIBUTES security)
    {
        const LPCWSTR terminated = detail::terminated("OpenSharedMem", name);
        return checked("OpenSharedMem", OpenSharedMem(terminated, capacity, flags, security));
    }

    static region checked(const char *function, HSHAREDMEM opened)
    {
        if (opened == nullptr) {
            detail::fail(function);
        }
        return region(opened);
    }

    /* Nothing only if another version than `*expected` is found. */
    std::optional<reservation> reserved(const std::uint64_t *expected)
    {
        LPVOID data = nullptr;
        SIZE_T room = 0;
        if (ReserveSharedMem(handle(), expected, &data, &room)) {
            return reservation(handle(), {data, room});
        }
        if (GetLastError() != ERROR_REVISION_MISMATCH) {
            detail::fail("ReserveSharedMem");
        }
        return std::nullopt;
    }

    std::unique_ptr<SHARED_MEM, detail::closer> owned;
};

/**
 * An event that is set when a region changes, for loops that wait for other things, too. Can be
 * moved, but not copied. Closing the region ends it: after that, it can only be destroyed.
 *
 *     sharedmem::event changed(shared);
 *     for (;;) {
 *         changed.arm(shared.read(value).version);
 *         ... wait for changed.handle(), among others ...
 *     }
 */
class event
{
  public:
    /** No event. Arming fails with ERROR_INVALID_HANDLE, as on one that was moved from. */
    event() noexcept = default;

    /**
     * Opens an event, which is not set until it is armed.
     *
     * @throws std::system_error  OpenSharedMemEvent's.
     */
    explicit event(const region &watched)
        : owned(OpenSharedMemEvent(watched.handle()), detail::event_closer{watched.handle()})
    {
        if (!owned) {
            detail::fail("OpenSharedMemEvent");
        }
    }
    explicit event(const region &&) = delete; /* its destructor would close the event */

    /** Whether this is an event: neither moved from, nor made without a region. */
    explicit operator bool() const noexcept
    {
        return owned != nullptr;
    }

    /** The handle, for the system's functions that wait. It still belongs to this object. */
    HANDLE handle() const noexcept
    {
        return owned.get();
    }

    /**
     * Resets the event, and has it set as soon as the region's version differs from `version`: at
     * once if it does already.
     *
     * @throws std::system_error  ArmSharedMemEvent's.
     */
    void arm(std::uint64_t version)
    {
        if (!ArmSharedMemEvent(owned.get_deleter().region, handle(), version)) {
            detail::fail("ArmSharedMemEvent");
        }
    }

  private:
    std::unique_ptr<void, detail::event_closer> owned;
};

/**
 * A region whose value is a T, which every process sees whole. T has fields of fixed size and no
 * pointers: what is shared are its bytes, padding included. Another program may store any bytes, so
 * they should all be values of T: take a number instead of a bool, and check what stands for an
 * enumerator or an index.
 */
template <class T> class shared_value
{
    static_assert(detail::is_shareable<T>, "other processes see only the bytes of a T");
    static_assert(!std::is_array_v<T>, "std::array can be stored and returned");
    static_assert(std::is_default_constructible_v<T>, "load() fills a T");

  public:
    /** A value and its version. No value was written yet, or an empty one, if it has none. */
    struct snapshot {
        std::optional<T> value;
        std::uint64_t version;
    };

    /**
     * Opens the region, and creates it if it does not exist, as region::open_or_create.
     *
     * @throws std::system_error  OpenSharedMem's.
     */
    explicit shared_value(const std::wstring &name, LPSECURITY_ATTRIBUTES security = nullptr)
        : memory(region::open_or_create(name, sizeof(T), security))
    {
    }

    /** Uses a region that is open already, for example for reading only. */
    explicit shared_value(region &&opened) noexcept : memory(std::move(opened))
    {
    }

    /** The region, for example for query(). */
    const region &get_region() const noexcept
    {
        return memory;
    }

    /**
     * Copies the value.
     *
     * @throws std::system_error  ERROR_INVALID_DATA if the value has bytes, but not those of a T,
     *                            and ReadSharedMem's.
     */
    snapshot load() const
    {
        T value;
        SIZE_T size = sizeof value;
        std::uint64_t version = 0;
        if (!ReadSharedMem(memory.handle(), std::addressof(value), &size, &version)) {
            const DWORD error = GetLastError();
            detail::fail("ReadSharedMem", error == ERROR_MORE_DATA ? ERROR_INVALID_DATA : error);
        }
        if (size == 0) {
            return {std::nullopt, version};
        }
        if (size != sizeof value) {
            detail::fail("ReadSharedMem", ERROR_INVALID_DATA);
        }
        return {value, version};
    }

    /** Replaces the value, as region::write. */
    std::uint64_t store(const T &value)
    {
        return memory.write({std::addressof(value), sizeof value});
    }

    /** Replaces the value if it still has the version `expected`, as region::replace. */
    [[nodiscard]] std::optional<std::uint64_t> replace(const T &value, std::uint64_t expected)
    {
        return memory.replace({std::addressof(value), sizeof value}, expected);
    }

    /**
     * Replaces the value by one that is made of it. If another thread or process replaces it
     * meanwhile, makes a new one of that. No update is lost.
     *
     * @param make  Takes a const std::optional<T> & and returns a T. May be called several times.
     *              What it throws ends the update, and leaves the value unchanged.
     *
     * @return what was stored.
     *
     * @throws std::system_error  Those of load and replace.
     */
    template <class Function> snapshot update(Function &&make)
    {
        static_assert(std::is_invocable_r_v<T, Function &, const std::optional<T> &>,
                      "make takes a const std::optional<T> & and returns a T");
        for (;;) {
            const snapshot last = load();
            const T next = make(last.value);
            if (const auto version = replace(next, last.version)) {
                return {next, *version};
            }
        }
    }

    /** Waits until the version differs from `version`, as region::wait. */
    void wait(std::uint64_t version) const
    {
        memory.wait(version);
    }

    /** The same, for `timeout` at most, as region::wait_for. */
    template <class Rep, class Period>
    bool wait_for(std::uint64_t version, const std::chrono::duration<Rep, Period> &timeout) const
    {
        return memory.wait_for(version, timeout);
    }

  private:
    region memory;
};

/**
 * Replaces the shared text. Unlike SetSharedMem, stores no part of a text that is too long.
 *
 * @param text  The new text: up to its first NUL, or all of it if there is none.
 *
 * @return the version that this write made.
 *
 * @throws std::system_error  ERROR_INSUFFICIENT_BUFFER if the text has more than
 *                            SHARED_MEM_TEXT_CCH - 1 characters, and WriteSharedMem's.
 */
inline std::uint64_t set_text(std::wstring_view text)
{
    return region::text().write(text);
}

/**
 * Copies the shared text; an empty one if none was ever written. region::text() waits for another
 * one: with the version that query() returned before get_text, none is missed.
 *
 * @throws std::system_error  GetSharedMem's.
 */
inline std::wstring get_text()
{
    wchar_t text[SHARED_MEM_TEXT_CCH];
    GetSharedMem(text, SHARED_MEM_TEXT_CCH);
    if (GetLastError() != ERROR_SUCCESS) {
        detail::fail("GetSharedMem");
    }
    return text;
}

} // namespace sharedmem

#ifdef __cpp_lib_ranges
template <class Byte>
inline constexpr bool std::ranges::enable_borrowed_range<sharedmem::basic_bytes<Byte>> = true;
template <class Byte>
inline constexpr bool std::ranges::enable_view<sharedmem::basic_bytes<Byte>> = true;
#endif

#endif
