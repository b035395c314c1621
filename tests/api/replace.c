/*
 * Processes that each add 1 to one number, again and again: no addition is lost, none is made
 * twice.
 */
#include "check.h"
#include "process.h"
#include "roles.h"
#include "shared_number.h"

#include "sharedmem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNTER L"sharedmem-test-counter"

enum {
    ADDERS = 4,
    ADDITIONS = 5000,
    KILLS = 60,
};

/* The region in which an adder says how many of its additions have succeeded. */
static HSHAREDMEM open_acknowledgement(unsigned adder)
{
    WCHAR name[64];
    swprintf(name, ARRAYSIZE(name), COUNTER L"-%u", adder);
    return shared_number_open(name);
}

/* add ADDER ADDITIONS */
static int add(char **arguments)
{
    CHECK(arguments[0] != NULL && arguments[1] != NULL);
    unsigned adder = (unsigned)atoi(arguments[0]), additions = (unsigned)atoi(arguments[1]);
    HSHAREDMEM counter = shared_number_open(COUNTER);
    HSHAREDMEM acknowledgement = open_acknowledgement(adder);
    ULONGLONG done = shared_number_read(acknowledgement, NULL); /* by one that was killed */
    for (unsigned i = 0; i < additions; i++) {
        shared_number_increment(counter);
        done++;
        shared_number_write(acknowledgement, done);
    }
    return 0;
}

static HANDLE start_adder(unsigned adder, unsigned additions)
{
    WCHAR role[64];
    swprintf(role, ARRAYSIZE(role), L"add %u %u", adder, additions);
    return process_start_self(role);
}

static const struct role roles[] = {{"add", add}};

int main(int argc, char **argv)
{
    check_deadline(100);
    roles_play(argc, argv, roles, ARRAYSIZE(roles));

    HSHAREDMEM counter = shared_number_open(COUNTER);
    HSHAREDMEM acknowledgements[ADDERS];
    HANDLE adders[ADDERS];
    for (unsigned i = 0; i < ADDERS; i++) {
        acknowledgements[i] = open_acknowledgement(i);
        adders[i] = start_adder(i, ADDITIONS);
    }
    for (unsigned i = 0; i < ADDERS; i++) {
        CHECK_EQUAL(process_finish(adders[i]), 0);
    }
    CHECK_EQUAL(shared_number_read(counter, NULL), ADDERS * ADDITIONS);

    /* Now one of them is killed again and again, and succeeded by another. */
    for (unsigned i = 0; i < ADDERS; i++) {
        adders[i] = start_adder(i, 1000000000);
    }
    for (unsigned kill = 0; kill < KILLS; kill++) {
        unsigned i = kill % ADDERS;
        ULONGLONG version;
        shared_number_read(acknowledgements[i], &version);
        CHECK(WaitSharedMem(acknowledgements[i], version, INFINITE)); /* it has come to adding */
        Sleep((DWORD)rand() % 4);
        process_kill(adders[i]);
        adders[i] = start_adder(i, 1000000000);
    }
    for (unsigned i = 0; i < ADDERS; i++) {
        process_kill(adders[i]);
    }
    ULONGLONG acknowledged = 0;
    for (unsigned i = 0; i < ADDERS; i++) {
        acknowledged += shared_number_read(acknowledgements[i], NULL);
    }
    ULONGLONG sum = shared_number_read(counter, NULL);
    printf("%llu additions, %llu acknowledged, %d adders killed\n", sum, acknowledged,
           KILLS + ADDERS);
    CHECK(sum >= acknowledged);
    CHECK(sum <= acknowledged + KILLS + ADDERS);
    return check_passed();
}
