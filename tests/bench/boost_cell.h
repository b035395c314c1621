/*
 * A text, and a value of any bytes, in shared memory of Boost.Interprocess, under its mutex and
 * under its sharable mutex.
 */
#ifndef SHAREDMEM_TESTS_BOOST_CELL_H
#define SHAREDMEM_TESTS_BOOST_CELL_H

#include <windows.h>

#ifdef __cplusplus
extern "C" {
#endif

void boost_mutex_set(LPCWSTR text);
void boost_mutex_get(LPWSTR buffer, DWORD cch);
void boost_mutex_write(const void *data, size_t size);
size_t boost_mutex_read(void *buffer, size_t room); /* bytes */

void boost_sharable_set(LPCWSTR text);
void boost_sharable_get(LPWSTR buffer, DWORD cch);
void boost_sharable_write(const void *data, size_t size);
size_t boost_sharable_read(void *buffer, size_t room);

#ifdef __cplusplus
}
#endif

#endif
