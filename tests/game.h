/*
 * A game that several processes play until it is over: this program and copies of it that it starts
 * in roles, perhaps from another folder, where it is built for another architecture. They add up
 * what they do.
 */
#ifndef SHAREDMEM_TESTS_GAME_H
#define SHAREDMEM_TESTS_GAME_H

#include <stdbool.h>
#include <windows.h>

enum game_number {
    GAME_OVER,    /* not 0: it is */
    GAME_RESTING, /* players that have noticed */
    GAME_HEALED,  /* not 0: what they look at is whole again */
    GAME_READS,
    GAME_WRITES,
    GAME_WAITS,
    GAME_OPENINGS,
    GAME_TIME_OUTS,
    GAME_LONGEST_READ_US,
    GAME_LONGEST_WRITE_US,
    GAME_LONGEST_WAIT_US,
    GAME_NUMBERS
};

/* Joins the game of that name, or begins it: it is not over, and all numbers are 0. */
void game_join(const WCHAR *name);

bool game_is_over(void);

/* Begins a round, and ends it: waits until so many players rest. */
void game_start(void);
void game_end(unsigned players);

/* For a player that has noticed the end: waits until GAME_HEALED is set. */
void game_rest(void);

void game_add(enum game_number number, LONGLONG more);
void game_maximum(enum game_number number, LONGLONG value);
LONGLONG game_get(enum game_number number);

/* The same in milliseconds, of a number in microseconds. */
double game_get_milliseconds(enum game_number number);

/* Starts a player; every other number comes from the folder, unless that is NULL. */
HANDLE game_start_player(const char *folder, unsigned number, const WCHAR *arguments);

struct game_role {
    const char *name;
    int (*play)(void);
};

/* Plays the role of that name, which must be one of them. */
int game_play(const char *name, const struct game_role *roles, size_t count);

#endif
