/*
 * What a power failure may leave of a region's file is recovered. Without an argument, the same
 * stories each time; with one, more of each, and then others for so many seconds.
 */
#include "story.h"

#include "check.h"
#include "processor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MOST_CUTS = 2,
    STORIES = 24, /* random ones */
    STEPS = 20,   /* of each */
};

static struct story_counts counts;

/*
 * Steps as story.h writes them. One with a slash is cut behind each of its stores and barriers, in
 * turn.
 */
static const char *const scripts[] = {
    /* A new file; openers that die, or whose barriers fail, before anything is written. */
    "o/do",
    "1o",
    "2o/do",
    "odowpo",
    /* Writers and flushers that are killed, while others live on. */
    "ow/wfw",
    "owfwf/wf",
    "owfwFfwFwf",
    /*
     * A flusher is killed before it confirms, and the next process recovers. Without recovery's
     * first barrier, the disk has neither copy when that one dies with the machine half-way.
     */
    "owfwf/do",
    "owfwdo/do",
    /* The same where a barrier failed: what is in memory counts as written, and is not. */
    "owfwFdo",
    "owfwfd2o",
    "owfwFd1o",
    /* Later generations. */
    "owfwpowfwfdo",
    "owfdowpo/dowfw",
    "owpo/po",
};

/* What a step is cut at next: first it is whole, and explored if the later ones are whole, too. */
static bool go_to_next_cut(size_t cuts[], const size_t next_cuts[], unsigned count)
{
    while (count-- > 0) {
        cuts[count] = cuts[count] == STORY_UNCUT ? 0 : next_cuts[count];
        if (cuts[count] != STORY_UNCUT) {
            return true;
        }
    }
    return false;
}

static void play_script(const char *script, struct story_effort effort)
{
    size_t cuts[MOST_CUTS] = {STORY_UNCUT, STORY_UNCUT}, next_cuts[MOST_CUTS];
    unsigned at;
    do {
        struct story story;
        story_begin(&story, 24, 1, 1, effort, &counts);
        at = 0;
        for (size_t i = 0; script[i] != 0; i++) {
            enum story_step step = (enum story_step)script[i];
            bool is_cut = script[i + 1] == '/';
            CHECK(at + is_cut <= MOST_CUTS);
            story.is_explored = true;
            for (unsigned later = at; later < MOST_CUTS; later++) {
                story.is_explored = story.is_explored && cuts[later] == STORY_UNCUT;
            }
            story_go_on(&story, step, is_cut ? cuts[at] : STORY_UNCUT);
            if (is_cut) {
                next_cuts[at++] = story.next_cut;
                i++;
            }
        }
        story_end(&story);
    } while (go_to_next_cut(cuts, next_cuts, at));
}

static void play_scripts(struct story_effort effort)
{
    for (unsigned i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        play_script(scripts[i], effort);
    }
}

/* Of values within a sector, across sectors and pages, and with a history. */
static void play_somehow(uint64_t seed, struct story_effort effort)
{
    static const uint64_t shapes[][2] = {{1, 1},    {24, 1},   {700, 1}, {1500, 2},
                                         {4096, 1}, {5000, 1}, {40, 6},  {300, 14}};
    const uint64_t *shape = shapes[seed % (sizeof shapes / sizeof *shapes)];
    struct story story;
    story_begin(&story, shape[0], shape[1], seed, effort, &counts);
    story_go_on(&story, STORY_OPEN, STORY_UNCUT);
    for (unsigned i = 0; i < STEPS; i++) {
        story_go_on_somehow(&story);
    }
    story_end(&story);
}

int main(int argc, char **argv)
{
    const struct story_effort short_effort = {.all = 100, .sampled = 4, .recoveries = 300};
    const struct story_effort scripts_effort = {.all = 1000, .sampled = 30, .recoveries = 100};
    const struct story_effort long_effort = {.all = 100, .sampled = 10, .recoveries = 300};
    processor_features = processor_detect();
    if (argc < 2) {
        check_deadline(60);
        play_scripts(short_effort);
        for (unsigned i = 0; i < STORIES; i++) {
            play_somehow(i, short_effort);
        }
    } else {
        play_scripts(scripts_effort);
        time_t end = time(NULL) + atoi(argv[1]);
        for (uint64_t seed = (uint64_t)end << 20; time(NULL) < end; seed++) {
            play_somehow(seed, long_effort);
        }
    }
    printf("%llu stories, %llu stores, %llu images, %llu recoveries with a power failure\n",
           counts.stories, counts.stores, counts.images, counts.recoveries);
    return check_passed();
}
