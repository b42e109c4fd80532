#include <string.h>

#include "base/text.h"
#include "os/machine.h"
#include "os/reader.h"
#include "os/shared.h"

void hb_machine_read(const char *folder, uint32_t pid,
                     struct hb_machine *out_machine)
{
    hb_machine_clear(out_machine);
    out_machine->memory_total_kib = 1000;
    out_machine->space_count = 1;
    (void)hb_text_copy(out_machine->spaces[0].path,
                       sizeof(out_machine->spaces[0].path), folder);
    if (pid != 0) {
        out_machine->handle_pid = pid;
        out_machine->handle_total = 3;
    }
}

uint64_t hb_machine_rss_kib(const uint32_t *pids, size_t count)
{
    (void)pids;
    return count * 1024;
}

/* An artifacts folder that holds nothing, on a disk that has room. */

void hb_folder_list(const char *path, hb_tell_entry *tell, void *context)
{
    (void)path;
    (void)tell;
    (void)context;
}

bool hb_folder_room(const char *path, uint64_t *out_free, uint64_t *out_total)
{
    (void)path;
    *out_free = UINT64_C(1) << 40;
    *out_total = UINT64_C(1) << 41;
    return true;
}

bool hb_lock_take(const char *path, uint32_t wait_ms, struct hb_lock **out_lock,
                  struct hb_error *err)
{
    (void)path;
    (void)wait_ms;
    (void)out_lock;
    return hb_fail(err, HB_ERR_WRITE, 0, "there are no locks here");
}

void hb_lock_free(struct hb_lock *lock, bool remove)
{
    (void)lock;
    (void)remove;
}

bool hb_lock_is_held(const char *path)
{
    (void)path;
    return false;
}

bool hb_file_rename(const char *from, const char *to, struct hb_error *err)
{
    (void)from;
    (void)to;
    (void)err;
    return true;
}

int64_t hb_file_time_ms(const char *path)
{
    (void)path;
    return 0;
}

bool hb_reader_open(const char *path, struct hb_reader **out_reader,
                    struct hb_error *err)
{
    (void)out_reader;
    return hb_fail(err, HB_ERR_READ, 0, "cannot open '%s'", path);
}

uint64_t hb_reader_size(const struct hb_reader *reader)
{
    (void)reader;
    return 0;
}

bool hb_reader_read(struct hb_reader *reader, uint64_t at, void *bytes,
                    size_t size)
{
    (void)reader;
    (void)at;
    (void)bytes;
    (void)size;
    return false;
}

void hb_reader_close(struct hb_reader *reader)
{
    (void)reader;
}
