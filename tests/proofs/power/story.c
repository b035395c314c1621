#include "story.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_EVENTS = 1 << 16, /* of a step */
    MOST_PUBLICATIONS = 1000,
    MOST_STEPS = 500,
    NO_PUBLICATION = MOST_PUBLICATIONS,
};

/* What has happened, for the report of a failure. */
static char steps[MOST_STEPS * 24];
static size_t steps_length;
static size_t event_number;

static void note(const char *what, size_t number)
{
    size_t room = sizeof steps - steps_length;
    int length = number == STORY_UNCUT
                     ? snprintf(steps + steps_length, room, "%s", what)
                     : snprintf(steps + steps_length, room, "%s%zu", what, number);
    CHECK(length > 0 && (size_t)length < room);
    steps_length += (size_t)length;
}

#define EXPECT(condition) ((condition) ? (void)0 : expect_failed(__LINE__, #condition))

static CHECK_NORETURN void expect_failed(int line, const char *what)
{
    printf("%s, event %zu of the last step\n", steps, event_number);
    check_failed(__FILE__, line, what);
}

/* The barriers of whichever file is open: all hold but one, perhaps. */
static struct recorder *recording;
static unsigned barriers, failing_barrier;

static bool barrier(void *context, const void *start, size_t size)
{
    bool holds = ++barriers != failing_barrier;
    (void)context;
    if (recording != NULL) {
        recorder_barrier(recording, start, size, holds);
    }
    return holds;
}

static void attach(struct story *story, struct file *file, unsigned char *memory)
{
    file->memory = memory;
    durable_attach(&file->durable, &file->values, memory, &story->identity, &story->image);
    file->durable.barrier = barrier;
}

/* What recovery must come to. */

static void publish(struct story *story, uint64_t version, const unsigned char *data, size_t size)
{
    CHECK(story->publication_count < MOST_PUBLICATIONS);
    story->publications[story->publication_count++] =
        (struct publication){.version = version, .size = size, .data = data};
}

static bool is_value(const struct publication *publication, const unsigned char *data, size_t size)
{
    return publication->size == size && memcmp(publication->data, data, size) == 0;
}

/* Writers that die publish versions that others publish again; what was flushed is the last one. */
static bool is_last_of_version(const struct story *story, unsigned publication)
{
    uint64_t version = story->publications[publication].version;
    for (unsigned i = publication + 1; i < story->publication_count; i++) {
        if (story->publications[i].version == version) {
            return false;
        }
    }
    return true;
}

/* The newest value of those that may be there. */
static unsigned find_publication(const struct story *story, const struct rules *rules,
                                 uint64_t version, const unsigned char *data, size_t size)
{
    for (unsigned i = story->publication_count; i > 0; i--) {
        const struct publication *publication = &story->publications[i - 1];
        if ((version - publication->version) % story->image.geometry.slots == 0 &&
            (publication->version > rules->durable ||
             (publication->version == rules->durable && is_last_of_version(story, i - 1))) &&
            is_value(publication, data, size)) {
            return i - 1;
        }
    }
    return NO_PUBLICATION;
}

/* Locks may have been held, and contended for. */
static void hold_locks(const struct file *file)
{
    struct layout_control *control = file->values.latch.control;
    control->lock.owner = control->flush_lock.owner = 1;
    control->contenders.owner[0] = control->flush_contenders.owner[0] = 1;
}

static bool are_locks_free(const struct file *file)
{
    const struct layout_control *control = file->values.latch.control;
    return (control->lock.owner | control->flush_lock.owner | control->contenders.owner[0] |
            control->flush_contenders.owner[0]) == 0;
}

/* Whether the recovered file is what it must be. Returns which value it has. */
static unsigned check_recovered(const struct story *story, const struct file *file,
                                const struct rules *rules)
{
    struct values_next next;
    const struct values *values = &file->values;
    struct file_identity identity;
    memcpy(&identity, file->memory, sizeof identity);
    EXPECT(file_identity_check(&identity) == FILE_IDENTITY_RIGHT);

    uint64_t version = seqlatch_read_begin(&values->latch);
    size_t size = values_size(values, version);
    const unsigned char *data = seqlatch_slot(&values->latch, version);
    EXPECT(size <= story->identity.capacity);
    EXPECT(durable_version(&file->durable) == version);
    EXPECT(are_locks_free(file));
    if (rules->was_opened || version != 0) {
        EXPECT(version > rules->given_out && version > rules->durable + DURABLE_LEAD);
        EXPECT(values_find_next(values, 0, &next) && next.version == version);
    }
    unsigned found = find_publication(story, rules, version, data, size);
    EXPECT(found != NO_PUBLICATION);
    if (rules->exactly != NO_PUBLICATION) {
        EXPECT(is_value(&story->publications[rules->exactly], data, size));
    }
    return found;
}

static unsigned recover_and_check(struct story *story, const struct file *file,
                                  const struct rules *rules)
{
    EXPECT(durable_recover(&file->durable) == DURABLE_DONE);
    return check_recovered(story, file, rules);
}

/* Exploring. */

/* What the control page says, any process may have seen. */
static void learn(const struct story *story, struct rules *rules,
                  const struct recorder_event *event)
{
    const struct layout_control *control = (const void *)event->content;
    size_t page = story->image.region + geometry_control(&story->image.geometry);
    if (event->kind == RECORDED_STORE && event->start == page) {
        uint64_t durable = control->confirmed / FILE_IMAGE_COPIES;
        rules->durable = durable > rules->durable ? durable : rules->durable;
        rules->given_out =
            control->sequence > rules->given_out ? control->sequence : rules->given_out;
    }
}

struct visit {
    struct story *story;
    struct lived *lived;
};

static void try_image(void *context, const struct disk *disk);

static void explore_event(struct story *story, struct lived *lived,
                          const struct recorder_event *event)
{
    size_t fresh[DISK_MOST_FRESH];
    uint64_t durable = lived->rules.durable;
    struct visit visit = {story, lived};
    const struct story_effort *effort = &story->effort;
    unsigned fresh_count = disk_apply(&lived->disk, event, fresh);
    learn(story, &lived->rules, event);
    story->counts->stores += event->kind == RECORDED_STORE && lived == &story->now;
    if (!story->is_explored) {
        return;
    }
    if (lived->rules.durable > durable) { /* less is allowed now, of any image */
        disk_visit(&lived->disk, NULL, 0, effort->all, effort->sampled, &story->seed, try_image,
                   &visit);
    } else if (fresh_count > 0) {
        disk_visit(&lived->disk, fresh, fresh_count, effort->all, effort->sampled, &story->seed,
                   try_image, &visit);
    }
}

static void record(struct lived *lived, void (*step)(struct story *), struct story *story)
{
    barriers = 0;
    recording = &lived->recorder;
    recorder_start(&lived->recorder);
    step(story);
    recorder_stop(&lived->recorder);
    recording = NULL;
    failing_barrier = 0;
}

static void recover_image(struct story *story)
{
    EXPECT(durable_recover(&story->recovery.file.durable) == DURABLE_DONE);
}

/* A recovery gives its value another version. */
static void publish_recovered(struct story *story, const struct file *file, unsigned found)
{
    const struct publication *value = &story->publications[found];
    publish(story, seqlatch_read_begin(&file->values.latch), value->data, value->size);
}

/* The recovery of an image, in the middle of which the power fails again. */
static void explore_recovery(struct story *story, const struct rules *rules, unsigned exactly)
{
    size_t mark = recorder_mark(), outer_event = event_number;
    struct lived *lived = &story->recovery;
    const unsigned char *image = recorder_keep(story->trial.memory, story->image.size);
    lived->rules = *rules;
    lived->rules.exactly = exactly;
    memcpy(lived->file.memory, image, story->image.size);
    disk_reset(&lived->disk, image);
    record(lived, recover_image, story);
    publish_recovered(story, &lived->file, check_recovered(story, &lived->file, &lived->rules));
    for (size_t i = 0; i < lived->recorder.count; i++) {
        explore_event(story, lived, &lived->recorder.events[i]);
    }
    lived->rules.was_opened = true;
    memcpy(story->trial.memory, lived->file.memory, story->image.size);
    recover_and_check(story, &story->trial, &lived->rules);
    story->publication_count--;
    story->counts->recoveries++;
    recorder_forget(mark);
    event_number = outer_event;
}

static void try_image(void *context, const struct disk *disk)
{
    const struct visit *visit = context;
    struct story *story = visit->story;
    disk_copy_image(disk, story->trial.memory);
    hold_locks(&story->trial);
    unsigned found = recover_and_check(story, &story->trial, &visit->lived->rules);
    story->counts->images++;
    if (visit->lived == &story->now && story->counts->images % story->effort.recoveries == 0) {
        disk_copy_image(disk, story->trial.memory);
        explore_recovery(story, &visit->lived->rules, found);
    }
}

static void explore(struct story *story)
{
    const struct recorder *recorder = &story->now.recorder;
    for (event_number = 0; event_number < recorder->count; event_number++) {
        explore_event(story, &story->now, &recorder->events[event_number]);
    }
}

/* Where memory is another one than at that cut; nowhere but at the end: STORY_UNCUT. */
static size_t find_next_cut(const struct recorder *recorder, size_t cut)
{
    while (cut < recorder->count && !recorder->events[cut].is_change) {
        cut++;
    }
    return cut + 1 < recorder->count ? cut + 1 : STORY_UNCUT;
}

/* Returns whether the step came to its end. */
static bool perform(struct story *story, void (*step)(struct story *), size_t cut)
{
    struct recorder *recorder = &story->now.recorder;
    record(&story->now, step, story);
    bool whole = cut >= recorder->count;
    story->next_cut = whole ? STORY_UNCUT : find_next_cut(recorder, cut);
    if (!whole) {
        recorder_cut(recorder, cut);
    }
    return whole;
}

/* Steps. */

static size_t choose_size(struct story *story)
{
    uint64_t capacity = story->identity.capacity;
    uint64_t most = random_number(&story->seed, 2) == 0 && capacity > 40 ? 40 : capacity;
    return random_number(&story->seed, 8) == 0 ? 0 : (size_t)random_number(&story->seed, most + 1);
}

/* The value that is published last. */
static void write_value(struct story *story)
{
    const struct publication *value = &story->publications[story->publication_count - 1];
    values_write(&story->now.file.values, value->data, value->size);
}

static void write(struct story *story, size_t size, size_t cut)
{
    static unsigned char data[1 << 16];
    CHECK(size <= sizeof data);
    for (size_t i = 0; i < size; i++) {
        data[i] = (unsigned char)random_number(&story->seed, 256);
    }
    publish(story, seqlatch_read_begin(&story->now.file.values.latch) + 1,
            recorder_keep(data, size), size);
    perform(story, write_value, cut);
    explore(story);
}

static void flush_value(struct story *story)
{
    struct durable_snapshot snapshot;
    const struct durable *durable = &story->now.file.durable;
    uint64_t version = seqlatch_read_begin(&story->now.file.values.latch);
    if (durable_version(durable) < version) { /* else it has been flushed */
        bool fails = failing_barrier != 0;
        EXPECT(durable_take(durable, &snapshot));
        EXPECT(durable_confirm(durable, &snapshot) != fails);
    }
}

static enum durable_recovery opened;

static void recover(struct story *story)
{
    opened = durable_recover(&story->now.file.durable);
}

static void open(struct story *story, size_t cut)
{
    struct rules *rules = &story->now.rules;
    enum durable_recovery expected = failing_barrier == 0 ? DURABLE_DONE : DURABLE_FAILED;
    bool is_new = memcmp(story->now.file.memory, story->created, story->image.size) == 0;
    bool whole = perform(story, recover, cut);
    EXPECT(opened == expected);
    if (!whole || opened != DURABLE_DONE) {
        explore(story);
        return;
    }
    unsigned found = check_recovered(story, &story->now.file, rules);
    EXPECT(!is_new || seqlatch_read_begin(&story->now.file.values.latch) == 0);
    EXPECT(story->publications[found].version >= story->kept);
    publish_recovered(story, &story->now.file, found);
    explore(story);
    story->is_open = rules->was_opened = true;
    rules->exactly = NO_PUBLICATION;
}

static void fail_power(struct story *story)
{
    struct lived *now = &story->now;
    disk_choose(&now->disk, &story->seed);
    disk_copy_image(&now->disk, now->file.memory);
    disk_reset(&now->disk, recorder_keep(now->file.memory, story->image.size));
    memcpy(story->trial.memory, now->file.memory, story->image.size);
    now->rules.exactly = recover_and_check(story, &story->trial, &now->rules);
    story->kept = 0;
    story->is_open = false;
}

void story_go_on(struct story *story, enum story_step step, size_t cut)
{
    note((const char[]){' ', (char)step, cut == STORY_UNCUT ? 0 : '/', 0}, cut);
    switch (step) {
    case STORY_OPEN_BARRIER_1_FAILS:
    case STORY_OPEN_BARRIER_2_FAILS:
        failing_barrier = (unsigned)step - '0';
        open(story, cut);
        break;
    case STORY_OPEN:
        open(story, cut);
        break;
    case STORY_WRITE:
        write(story, choose_size(story), cut);
        break;
    case STORY_WRITE_LONG:
        write(story, (size_t)story->identity.capacity, cut);
        break;
    case STORY_FLUSH_BARRIER_FAILS:
    case STORY_FLUSH:
        failing_barrier = step == STORY_FLUSH ? 0 : 1;
        perform(story, flush_value, cut);
        explore(story);
        break;
    case STORY_DIE:
        if (story->is_open) {
            story->kept = seqlatch_read_begin(&story->now.file.values.latch);
            story->is_open = false;
        }
        break;
    case STORY_POWER_FAILS:
        fail_power(story);
        break;
    }
}

void story_go_on_somehow(struct story *story)
{
    static const char open_steps[] = "wwwwwWwwfffFdp", closed_steps[] = "oooooo12p";
    const char *choices = story->is_open ? open_steps : closed_steps;
    char step = choices[random_number(&story->seed, strlen(choices))];
    size_t most = (size_t)4 << 2 * random_number(&story->seed, 4);
    bool is_cut = random_number(&story->seed, 4) == 0;
    size_t cut = is_cut ? (size_t)random_number(&story->seed, most) : STORY_UNCUT;
    story_go_on(story, (enum story_step)step, cut);
}

/* The bytes that dll/file.c writes, and makes durable, before the file has its name. */
static void create(struct story *story, unsigned char *memory)
{
    struct layout_record first = file_image_first_record(&story->identity.id);
    memset(memory, 0, story->image.size);
    memcpy(memory, &story->identity, sizeof story->identity);
    memcpy(memory + story->image.copy[0], &first, sizeof first);
}

static void live(struct story *story, struct lived *lived)
{
    recorder_make(&lived->recorder, story->image.size, MOST_EVENTS);
    attach(story, &lived->file, lived->recorder.memory);
    disk_make(&lived->disk, story->image.size);
}

void story_begin(struct story *story, uint64_t capacity, uint64_t depth, uint64_t seed,
                 struct story_effort effort, struct story_counts *counts)
{
    struct file_id id = {.low = seed, .high = 1};
    *story = (struct story){.effort = effort, .counts = counts, .seed = seed, .is_explored = true};
    steps_length = 0;
    note("seed ", (size_t)seed);
    story->identity = file_identity_make(&id, capacity, depth);
    CHECK(file_image_plan(&story->image, capacity, depth));
    live(story, &story->now);
    live(story, &story->recovery);
    attach(story, &story->trial, aligned_alloc(LAYOUT_PAGE, story->image.size));
    story->publications = malloc(MOST_PUBLICATIONS * sizeof *story->publications);
    CHECK(story->trial.memory != NULL && story->publications != NULL);

    create(story, story->now.file.memory);
    story->created = recorder_keep(story->now.file.memory, story->image.size);
    disk_reset(&story->now.disk, story->created);
    story->now.rules.exactly = NO_PUBLICATION;
    publish(story, 0, story->created, 0);
    counts->stories++;
}

static void end(struct lived *lived)
{
    recorder_free(&lived->recorder);
    disk_free(&lived->disk);
}

void story_end(struct story *story)
{
    end(&story->now);
    end(&story->recovery);
    free(story->trial.memory);
    free(story->publications);
    recorder_forget(0);
}
