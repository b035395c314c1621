/*
 * No event is lost: two processes answer each other, and wait for events without a time-out.
 *
 *     event_rounds [ROUNDS [FOLDER]]    FOLDER: of this program in another architecture
 */
#include "check.h"
#include "process.h"
#include "roles.h"
#include "shared_number.h"
#include "stopwatch.h"

#include "sharedmem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define PING L"sharedmem-test-event-rounds-ping"
#define PONG L"sharedmem-test-event-rounds-pong"

#define HICCUP_MS 240.0 /* an event that a writer did not set is set after 250 ms */

enum { ROUNDS = 15000 };

struct side {
    HSHAREDMEM writes, reads;
    HANDLE event; /* of what it reads */
    ULONGLONG number;
};

static struct side open_side(const WCHAR *writes, const WCHAR *reads)
{
    struct side side = {.writes = shared_number_open(writes), .reads = shared_number_open(reads)};
    side.event = OpenSharedMemEvent(side.reads);
    CHECK(side.event != NULL);
    return side;
}

/* Receives the other side's next number. */
static void receive(struct side *side)
{
    ULONGLONG version, number;
    while ((number = shared_number_read(side->reads, &version)) == side->number) {
        CHECK(ArmSharedMemEvent(side->reads, side->event, version));
        CHECK_EQUAL(WaitForSingleObject(side->event, INFINITE), WAIT_OBJECT_0);
    }
    side->number = number;
}

static void close_side(struct side *side)
{
    CHECK(CloseSharedMemEvent(side->reads, side->event));
    CHECK(CloseSharedMem(side->writes) && CloseSharedMem(side->reads));
}

/* Answers every number with the same one. */
static int play_pong(char **arguments)
{
    (void)arguments;
    struct side pong = open_side(PONG, PING);
    do {
        receive(&pong);
        shared_number_write(pong.writes, pong.number);
    } while (pong.number != UINT64_MAX);
    close_side(&pong);
    return 0;
}

static void play_ping(HANDLE partner, unsigned rounds)
{
    struct side ping = open_side(PING, PONG);
    unsigned hiccups = 0;
    double longest = 0;
    shared_number_write(ping.writes, 1); /* the partner has come when it answers */
    receive(&ping);
    LONGLONG start = stopwatch_start();
    for (ULONGLONG number = 2; number < rounds + 2; number++) {
        LONGLONG last = stopwatch_start();
        shared_number_write(ping.writes, number);
        receive(&ping);
        CHECK_EQUAL(ping.number, number);
        double gap = stopwatch_milliseconds(last);
        longest = gap > longest ? gap : longest;
        hiccups += gap >= HICCUP_MS;
    }
    printf("%u rounds, %.1f us each, longest %.1f ms, %u hiccups\n", rounds,
           stopwatch_milliseconds(start) * 1000 / rounds, longest, hiccups);
    CHECK(hiccups <= 1 + rounds / 50000); /* the machine may have had one of its own */
    shared_number_write(ping.writes, UINT64_MAX);
    CHECK_EQUAL(process_finish(partner), 0);
    close_side(&ping);
}

static const struct role roles[] = {{"pong", play_pong}};

int main(int argc, char **argv)
{
    roles_play(argc, argv, roles, ARRAYSIZE(roles));
    unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : ROUNDS;
    check_deadline(rounds > ROUNDS ? 3600 : 60);
    play_ping(roles_start(argc > 2 ? argv[2] : NULL, 1, L"pong"), rounds);
    return check_passed();
}
