/*
 * A name is matched piece by piece of its pattern, with the set of all places
 * in the name that the pieces so far may have come to: no pattern, however
 * hostile, takes longer than its length times that of the name.
 */
#include "base/core_pattern.h"

#include <string.h>

#include "base/text.h"

/* What the kernel keeps of a pattern, with the NUL. */
#define KERNEL_MOST 128u
#define NAME_MOST 255u

void hb_core_pattern_read(const char *text, size_t size, bool uses_pid,
                          struct hb_core_pattern *out_pattern)
{
    struct hb_core_pattern pattern = { .way = HB_CORE_FILE };
    const char *end = memchr(text, '\n', size);

    size = end != NULL ? (size_t)(end - text) : size;
    size = size < KERNEL_MOST ? size : KERNEL_MOST - 1;
    if (size > 0 && text[0] == '|') {
        pattern.way = HB_CORE_PIPE;
        text++;
        size--;
    } else if (size > 1 && text[0] == '@' &&
               (text[1] == '/' || text[1] == '@')) {
        size_t marks = text[1] == '@' ? 2 : 1;

        pattern.way = HB_CORE_SOCKET;
        text += marks;
        size -= marks;
    }
    (void)hb_text_copy_bytes(pattern.text, sizeof(pattern.text), text, size);
    if (pattern.way == HB_CORE_FILE && uses_pid &&
        strstr(pattern.text, "%p") == NULL) {
        size_t used = strlen(pattern.text);

        (void)hb_text_copy(pattern.text + used, sizeof(pattern.text) - used,
                           ".%p");
    }
    if (pattern.way == HB_CORE_FILE && pattern.text[0] == '\0') {
        pattern.way = HB_CORE_NOWHERE;
    }
    *out_pattern = pattern;
}

/* Where the name begins, behind the folder: the last '/' of the pattern, for
 * those of values are replaced. */
static const char *name_of(const struct hb_core_pattern *pattern)
{
    const char *slash = strrchr(pattern->text, '/');

    return slash != NULL ? slash + 1 : pattern->text;
}

/* One piece of a pattern: a byte, a text that is known, or anything. */
struct piece {
    char text[NAME_MOST + 1]; /* if it is known */
    bool is_known;
    bool is_number; /* digits, if it is not known */
};

static void know(struct piece *piece, const char *text)
{
    piece->is_known = true;
    (void)hb_text_copy(piece->text, sizeof(piece->text), text);
    for (char *at = piece->text; *at != '\0'; at++) {
        *at = (char)(*at == '/' ? '!' : *at);
    }
    /* Nothing, "." and ".." would be other folders. */
    if (strcmp(piece->text, "") == 0 || strcmp(piece->text, ".") == 0) {
        (void)hb_text_copy(piece->text, sizeof(piece->text), "!");
    } else if (strcmp(piece->text, "..") == 0) {
        (void)hb_text_copy(piece->text, sizeof(piece->text), "!.");
    }
}

static void know_number(struct piece *piece, uint32_t number)
{
    piece->is_number = true;
    if (number != 0) {
        piece->is_known = true;
        (void)hb_text_format(piece->text, sizeof(piece->text), "%u",
                             (unsigned)number);
    }
}

/* What a letter behind '%' stands for. One that the kernel does not know
 * stands for nothing. */
static void read_letter(char letter, const struct hb_core_facts *facts,
                        struct piece *piece)
{
    switch (letter) {
    case '%':
        piece->is_known = true;
        (void)hb_text_copy(piece->text, sizeof(piece->text), "%");
        break;
    case 'p':
        know_number(piece, facts->pid);
        break;
    case 's':
        know_number(piece, facts->signal);
        break;
    case 'P': /* in the first namespace, which may not be ours */
    case 'i':
    case 'I':
    case 'u':
    case 'g':
    case 'd':
    case 't':
    case 'c':
    case 'C':
    case 'F':
        know_number(piece, 0);
        break;
    case 'h':
        if (facts->host != NULL) {
            know(piece, facts->host);
        }
        break;
    case 'f':
        if (facts->image != NULL) {
            know(piece, facts->image);
        }
        break;
    case 'e': /* any thread may have given itself another */
    case 'E':
        break;
    default:
        piece->is_known = true;
        break;
    }
}

/* The piece at `*at`, which moves behind it. False at the end. */
static bool next_piece(const char **at, const struct hb_core_facts *facts,
                       struct piece *piece)
{
    *piece = (struct piece){ 0 };
    if (**at == '\0') {
        return false;
    }
    if (**at != '%') {
        piece->is_known = true;
        piece->text[0] = **at;
        *at += 1;
        return true;
    }
    if ((*at)[1] == '\0') { /* one '%' at the end is nothing */
        piece->is_known = true;
        *at += 1;
        return true;
    }
    read_letter((*at)[1], facts, piece);
    *at += 2;
    return true;
}

bool hb_core_pattern_folder(const struct hb_core_pattern *pattern,
                            const struct hb_core_facts *facts, char *target,
                            size_t size)
{
    const char *at = pattern->text;
    const char *end = name_of(pattern);
    struct piece piece;
    size_t used = 0;

    target[0] = '\0';
    while (at < end && next_piece(&at, facts, &piece)) {
        if (!piece.is_known ||
            !hb_text_copy(target + used, size - used, piece.text)) {
            return false;
        }
        used += strlen(piece.text);
    }
    if (used > 1 && target[used - 1] == '/') {
        target[used - 1] = '\0';
    }
    return true;
}

/* From the places in the name where the piece may begin to those where it may
 * end. */
static void step(const struct piece *piece, const char *name, size_t length,
                 bool *places)
{
    bool ends[NAME_MOST + 1] = { false };
    size_t size = strlen(piece->text);
    bool open = false; /* a piece that is not known goes on */

    for (size_t i = 0; i <= length; i++) {
        if (piece->is_known) {
            if (places[i] && size <= length - i &&
                memcmp(name + i, piece->text, size) == 0) {
                ends[i + size] = true;
            }
            continue;
        }
        ends[i] = open;
        open = open || places[i];
        open = open && i < length &&
               (!piece->is_number || (name[i] >= '0' && name[i] <= '9'));
    }
    memcpy(places, ends, sizeof(ends));
}

bool hb_core_pattern_fits(const struct hb_core_pattern *pattern,
                          const struct hb_core_facts *facts, const char *name)
{
    bool places[NAME_MOST + 1] = { true };
    size_t length = strlen(name);
    const char *at = name_of(pattern);
    struct piece piece;

    if (pattern->way != HB_CORE_FILE || length == 0 || length > NAME_MOST) {
        return false;
    }
    while (next_piece(&at, facts, &piece)) {
        step(&piece, name, length, places);
    }
    return places[length];
}

const char *hb_core_pattern_only_name(const struct hb_core_pattern *pattern)
{
    const char *name = name_of(pattern);
    bool is_only = pattern->way == HB_CORE_FILE && name[0] != '\0' &&
                   strchr(name, '%') == NULL;

    return is_only ? name : NULL;
}

bool hb_core_pattern_program(const struct hb_core_pattern *pattern,
                             char *target, size_t size)
{
    const char *from = pattern->text + strspn(pattern->text, " ");

    return pattern->way == HB_CORE_PIPE &&
           hb_text_copy_bytes(target, size, from, strcspn(from, " ")) &&
           target[0] != '\0';
}
