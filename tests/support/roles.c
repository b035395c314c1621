#include "roles.h"

#include "process.h"

#include <stdlib.h>
#include <string.h>

void roles_play(int argc, char **argv, const struct role *roles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (argc > 1 && strcmp(argv[1], roles[i].name) == 0) {
            exit(roles[i].play(argv + 2));
        }
    }
}

HANDLE roles_start(const char *folder, unsigned number, const WCHAR *arguments)
{
    return folder != NULL && number % 2 != 0 ? process_start_peer(folder, arguments)
                                             : process_start_self(arguments);
}
