#include "folder.h"

#include <stdio.h>

#include "os/file.h"
#include "system.h"

#define PATH_ROOM 600

static char folder[256];

int folder_make(void **state)
{
    (void)state;
    system_make_folder(folder, sizeof(folder));
    return 0;
}

int folder_remove(void **state)
{
    (void)state;
    hb_folder_remove(folder);
    return hb_file_exists(folder) ? 1 : 0;
}

const char *folder_path(void)
{
    return folder;
}

const char *in_folder(const char *name)
{
    static char paths[3][PATH_ROOM];
    static unsigned turn;

    turn = (turn + 1) % 3;
    (void)snprintf(paths[turn], PATH_ROOM, "%s/%s", folder, name);
    return paths[turn];
}
