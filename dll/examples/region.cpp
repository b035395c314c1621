/*
 * The header for C++: each run moves the position that the runs share, as long as a process keeps
 * it open.
 */
#include "sharedmem.hpp"

#include <cstdio>

struct position {
    std::uint64_t frame;
    double x, y;
};

static void move()
{
    sharedmem::shared_value<position> shared(L"position");
    const auto moved = shared.update([](std::optional<position> last) {
        position next = last.value_or(position());
        next.frame++;
        next.x += 0.5;
        return next;
    });
    std::printf("frame %llu: %.1f, %.1f\n", moved.value->frame, moved.value->x, moved.value->y);
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
