#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * What a file says of itself: its start, as far as the kernel looks at it and
 * a bit more. A file that cannot be read is empty here.
 */
struct hb_image {
    size_t size;
    char bytes[4096];
};

void hb_image_read(const char *path, struct hb_image *out_image);

bool hb_image_is_elf(const struct hb_image *image);

/* The same of a file that may be cut within its header. */
bool hb_image_begins_as_elf(const struct hb_image *image);

/* The machine that an ELF file is made for; NULL if it is our own. Static. */
const char *hb_image_foreign_machine(const struct hb_image *image);

bool hb_image_is_script(const struct hb_image *image);

/* Without a NUL: no program, but perhaps a script. */
bool hb_image_is_text(const struct hb_image *image);

/* True if the kernel takes a carriage return at the end of the first line for
 * a part of the interpreter's name. */
bool hb_image_has_windows_line(const struct hb_image *image);

/* True if the interpreter's name goes on where the kernel stops reading. */
bool hb_image_is_cut(const struct hb_image *image);

/* What the file is run by: the name behind "#!", or the loader that an ELF
 * file of 64 bits names. Empty if there is none. */
void hb_image_interpreter(const struct hb_image *image, char *target,
                          size_t size);
