/*
 * A C++ wrapper: the destructor closes the region, and a failure is an exception. Each run moves the
 * position that the runs share, as long as a process keeps it open.
 */
#include "sharedmem.h"

#include <cstdio>
#include <system_error>
#include <type_traits>

/* A value that processes share. T has fields of fixed size and no pointers. */
template <typename T> class shared_value
{
    static_assert(std::is_trivially_copyable<T>::value, "other processes see only its bytes");

  public:
    explicit shared_value(const wchar_t *name) : region(OpenSharedMem(name, sizeof(T), 0, nullptr))
    {
        if (region == nullptr) {
            fail("OpenSharedMem", GetLastError());
        }
    }
    ~shared_value()
    {
        CloseSharedMem(region);
    }
    shared_value(const shared_value &) = delete;
    shared_value &operator=(const shared_value &) = delete;

    T read() const
    {
        T value = T(); // stays as it is before the first write
        SIZE_T size = sizeof value;
        if (!ReadSharedMem(region, &value, &size, nullptr)) {
            fail("ReadSharedMem", GetLastError());
        }
        if (size != sizeof value && size != 0) {
            fail("another program's idea of it", ERROR_INVALID_DATA);
        }
        return value;
    }

    void write(const T &value)
    {
        if (!WriteSharedMem(region, &value, sizeof value, nullptr)) {
            fail("WriteSharedMem", GetLastError());
        }
    }

  private:
    [[noreturn]] static void fail(const char *what, DWORD error)
    {
        throw std::system_error(static_cast<int>(error), std::system_category(), what);
    }

    const HSHAREDMEM region;
};

struct position {
    ULONGLONG frame;
    double x, y;
};

static void move()
{
    shared_value<position> shared(L"position");
    position now = shared.read();
    now.frame++;
    now.x += 0.5;
    shared.write(now);
    std::printf("frame %llu: %.1f, %.1f\n", now.frame, now.x, now.y);
}

int main()
{
    try {
        move();
        return 0;
    } catch (const std::system_error &error) {
        std::printf("%s (error %d)\n", error.what(), error.code().value());
        return 1;
    }
}
