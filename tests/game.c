#include "game.h"

#include "check.h"
#include "process.h"

#include <string.h>

static volatile LONGLONG *numbers;

void game_join(const WCHAR *name)
{
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                        GAME_NUMBERS * sizeof *numbers, name);
    CHECK(mapping != NULL);
    numbers = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    CHECK(numbers != NULL);
}

bool game_is_over(void)
{
    return numbers[GAME_OVER] != 0;
}

void game_start(void)
{
    InterlockedExchange64(&numbers[GAME_RESTING], 0);
    InterlockedExchange64(&numbers[GAME_HEALED], 0);
    InterlockedExchange64(&numbers[GAME_OVER], 0);
}

void game_end(unsigned players)
{
    InterlockedExchange64(&numbers[GAME_OVER], 1);
    while (numbers[GAME_RESTING] < players) {
        Sleep(1);
    }
}

void game_rest(void)
{
    game_add(GAME_RESTING, 1);
    while (numbers[GAME_HEALED] == 0) {
        Sleep(1);
    }
}

LONGLONG game_get(enum game_number number)
{
    return InterlockedCompareExchange64(&numbers[number], 0, 0);
}

double game_get_milliseconds(enum game_number number)
{
    return (double)game_get(number) / 1000;
}

void game_add(enum game_number number, LONGLONG more)
{
    LONGLONG seen;
    do {
        seen = game_get(number);
    } while (InterlockedCompareExchange64(&numbers[number], seen + more, seen) != seen);
}

void game_maximum(enum game_number number, LONGLONG value)
{
    LONGLONG seen;
    do {
        seen = game_get(number);
    } while (seen < value && InterlockedCompareExchange64(&numbers[number], value, seen) != seen);
}

HANDLE game_start_player(const char *folder, unsigned number, const WCHAR *arguments)
{
    return folder != NULL && number % 2 != 0 ? process_start_peer(folder, arguments)
                                             : process_start_self(arguments);
}

int game_play(const char *name, const struct game_role *roles, size_t count)
{
    while (count > 0 && strcmp(name, roles->name) != 0) {
        roles++;
        count--;
    }
    CHECK(count > 0);
    return roles->play();
}
