/* What the sources of the tests of sharedmem.hpp share. */
#ifndef SHAREDMEM_TESTS_CPP_HEADER_H
#define SHAREDMEM_TESTS_CPP_HEADER_H

#include "sharedmem.hpp"

#include "check.h"

#include <cstring>

/* The same program, compiled for another standard, may run at the same time. */
#define QUOTE(text) #text
#define QUOTE_VALUE(macro) QUOTE(macro)
#define REGION L"sharedmem-test-cpp" TEXT(QUOTE_VALUE(STANDARD)) L"-"

/* Checks that a call throws, with the function's name and the error. */
template <class Call> void throws(const char *function, DWORD error, Call &&call)
{
    try {
        call();
    } catch (const std::system_error &thrown) {
        CHECK(thrown.code().category() == std::system_category());
        CHECK_EQUAL(thrown.code().value(), error);
        CHECK(std::strncmp(thrown.what(), function, std::strlen(function)) == 0);
        return;
    }
    check_failed(__FILE__, __LINE__, function);
}

/* A thread that calls a function; the destructor waits for its end. */
class background
{
  public:
    explicit background(void (*call)())
        : thread(CreateThread(nullptr, 0, run, reinterpret_cast<void *>(call), 0, nullptr))
    {
        CHECK(thread != nullptr);
    }
    background(const background &) = delete;
    background &operator=(const background &) = delete;
    ~background()
    {
        CHECK_EQUAL(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
        CloseHandle(thread);
    }

  private:
    static DWORD WINAPI run(void *call)
    {
        reinterpret_cast<void (*)()>(call)();
        return 0;
    }

    HANDLE thread;
};

/* In cpp_values.cpp: views, shared_value, the text. */
void values_and_texts();

/* In cpp_in_place.cpp: borrowed, reservation, history. */
void values_in_place();

#endif
