#include "core/minidump_parts.h"

#include "base/text.h"

#define PDB_70 0x53445352u /* "RSDS": GUID, age, name */
#define PDB_20 0x3031424Eu /* "NB10": offset, time stamp, age, name */
#define ELF_ID 0x4270454Cu /* "LEpB": a build id */

static void put_hex(const unsigned char *bytes, size_t size, char *target,
                    size_t room)
{
    for (size_t i = 0; i < size && 2 * i + 3 <= room; i++) {
        (void)hb_text_format(target + 2 * i, room - 2 * i, "%02X", bytes[i]);
    }
}

static void put_guid(const unsigned char *bytes, char *target, size_t room)
{
    char tail[17];

    put_hex(bytes + 12, 8, tail, sizeof(tail));
    (void)hb_text_format(
        target, room, "%08lX%04X%04X%s%lX", (unsigned long)hb_u32_at(bytes + 4),
        (unsigned)hb_u16_at(bytes + 8), (unsigned)hb_u16_at(bytes + 10), tail,
        (unsigned long)hb_u32_at(bytes + 20));
}

bool hb_codeview_id(const unsigned char *bytes, size_t size, char *target,
                    size_t target_size)
{
    if (size >= 24 && hb_u32_at(bytes) == PDB_70) {
        put_guid(bytes, target, target_size);
    } else if (size >= 16 && hb_u32_at(bytes) == PDB_20) {
        (void)hb_text_format(target, target_size, "%08lX%lX",
                             (unsigned long)hb_u32_at(bytes + 8),
                             (unsigned long)hb_u32_at(bytes + 12));
    } else if (size > 4 && hb_u32_at(bytes) == ELF_ID) {
        put_hex(bytes + 4, size - 4 < 20 ? size - 4 : 20, target, target_size);
    } else {
        return false;
    }
    return true;
}
