#pragma once

#include <stdbool.h>

#include "base/error.h"

/*
 * Opens a core file for reading at any place. One that zstd compressed is
 * written out first, into a file that has no name any more, so that nothing of
 * it stays; its zero pages take no room. The caller closes `*out_fd`.
 */
bool hb_inflate_open(const char *path, int *out_fd, struct hb_error *err);

/* The same of a file that is open, which is closed or becomes `*out_fd`. `path`
 * is for errors, and where there is room to unpack it. */
bool hb_inflate_opened(int fd, const char *path, int *out_fd,
                       struct hb_error *err);
