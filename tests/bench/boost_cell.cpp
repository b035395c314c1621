#include "boost_cell.h"

#include <boost/interprocess/mapped_region.hpp>
#include <boost/interprocess/sync/interprocess_mutex.hpp>
#include <boost/interprocess/sync/interprocess_sharable_mutex.hpp>
#include <boost/interprocess/sync/scoped_lock.hpp>
#include <boost/interprocess/sync/sharable_lock.hpp>
#include <boost/interprocess/windows_shared_memory.hpp>

#include <algorithm>
#include <cstring>
#include <cwchar>
#include <new>

namespace ipc = boost::interprocess;

namespace
{

constexpr std::size_t capacity = 16 << 20;

template <class Mutex, class ReadLock> class Cell
{
  public:
    explicit Cell(const char *name)
        : memory(ipc::create_only, name, ipc::read_write, sizeof(Shared)),
          region(memory, ipc::read_write), shared(*new (region.get_address()) Shared)
    {
    }

    void set(const wchar_t *text)
    {
        ipc::scoped_lock<Mutex> lock(shared.mutex);
        std::size_t length = std::min(std::wcslen(text), std::size(shared.text) - 1);
        std::wmemcpy(shared.text, text, length);
        shared.text[length] = 0;
    }

    void get(wchar_t *buffer, std::size_t cch)
    {
        ReadLock lock(shared.mutex);
        std::size_t length = std::min(std::wcslen(shared.text), cch - 1);
        std::wmemcpy(buffer, shared.text, length);
        buffer[length] = 0;
    }

    void write(const void *data, std::size_t size)
    {
        ipc::scoped_lock<Mutex> lock(shared.mutex);
        shared.size = size;
        std::memcpy(shared.bytes, data, size);
    }

    std::size_t read(void *buffer, std::size_t room)
    {
        ReadLock lock(shared.mutex);
        std::memcpy(buffer, shared.bytes, std::min(shared.size, room));
        return shared.size;
    }

  private:
    struct Shared {
        Mutex mutex;
        wchar_t text[2048];
        std::size_t size;
        unsigned char bytes[capacity];
    };

    ipc::windows_shared_memory memory;
    ipc::mapped_region region;
    Shared &shared;
};

using MutexCell = Cell<ipc::interprocess_mutex, ipc::scoped_lock<ipc::interprocess_mutex>>;
using SharableCell =
    Cell<ipc::interprocess_sharable_mutex, ipc::sharable_lock<ipc::interprocess_sharable_mutex>>;

MutexCell mutex_cell("sharedmem-bench-boost-mutex");
SharableCell sharable_cell("sharedmem-bench-boost-sharable");

} // namespace

void boost_mutex_set(LPCWSTR text)
{
    mutex_cell.set(text);
}

void boost_mutex_get(LPWSTR buffer, DWORD cch)
{
    mutex_cell.get(buffer, cch);
}

void boost_mutex_write(const void *data, size_t size)
{
    mutex_cell.write(data, size);
}

size_t boost_mutex_read(void *buffer, size_t room)
{
    return mutex_cell.read(buffer, room);
}

void boost_sharable_set(LPCWSTR text)
{
    sharable_cell.set(text);
}

void boost_sharable_get(LPWSTR buffer, DWORD cch)
{
    sharable_cell.get(buffer, cch);
}

void boost_sharable_write(const void *data, size_t size)
{
    sharable_cell.write(data, size);
}

size_t boost_sharable_read(void *buffer, size_t room)
{
    return sharable_cell.read(buffer, room);
}
