#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A file that is read at any place, in pieces: a dump may be larger than
 * memory. Only plain files are opened, so that none of its reads waits.
 */
struct hb_reader;

/* The caller owns `*out_reader`. */
bool hb_reader_open(const char *path, struct hb_reader **out_reader,
                    struct hb_error *err);
uint64_t hb_reader_size(const struct hb_reader *reader);

/* Copies exactly `size` bytes from `at` on; false if they are not there. */
bool hb_reader_read(struct hb_reader *reader, uint64_t at, void *bytes,
                    size_t size);

/* NULL is fine. */
void hb_reader_close(struct hb_reader *reader);
