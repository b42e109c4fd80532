#pragma once

#include "core/bytes.h"
#include "core/minidump.h"

/*
 * What minidump.c, minidump_lists.c, minidump_memory.c and minidump_check.c
 * share. Nobody else includes this.
 */
#define HB_MINIDUMP_MAGIC 0x504D444Du /* "MDMP" */
#define HB_MINIDUMP_VERSION 0xA793u   /* the lower half */
#define HB_MINIDUMP_HEADER_SIZE 32u
#define HB_MINIDUMP_ENTRY_SIZE 12u /* of the stream directory */
#define HB_MINIDUMP_SYSTEM_SIZE 56u
#define HB_MINIDUMP_EXCEPTION_SIZE 168u
#define HB_MINIDUMP_THREAD_SIZE 48u
#define HB_MINIDUMP_MODULE_SIZE 108u
#define HB_MINIDUMP_RANGE_SIZE 16u
#define HB_MINIDUMP_NAME_SIZE 12u

/* No writer makes nearly as many. */
#define HB_MINIDUMP_STREAMS_MAX 1024u

/* A location descriptor: 32 bits of size, 32 bits of place. */
struct hb_minidump_place hb_place_at(const unsigned char *bytes);

bool hb_minidump_holds(const struct hb_minidump *dump,
                       struct hb_minidump_place place);
bool hb_minidump_bytes(const struct hb_minidump *dump, uint64_t at, void *bytes,
                       size_t size);

/* A stream that begins with a count. */
struct hb_minidump_list {
    uint64_t count;
    uint64_t first; /* place of the first item */
    uint64_t data; /* HB_MINIDUMP_MEMORY_64: place of the first range's bytes */
};

/* False if there is no such stream, or its count is more than it can hold. */
bool hb_minidump_list(const struct hb_minidump *dump,
                      enum hb_minidump_stream stream,
                      struct hb_minidump_list *out_list);

/* Item `i` of a list, as many bytes as one has. */
bool hb_minidump_item(const struct hb_minidump *dump,
                      enum hb_minidump_stream stream, uint32_t i,
                      unsigned char *bytes);

/* A counted UTF-16 text at `at` as UTF-8, cut at `size`. */
bool hb_minidump_text(const struct hb_minidump *dump, uint64_t at, char *target,
                      size_t size);
