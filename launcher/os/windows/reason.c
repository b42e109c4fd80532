#include "os/reason.h"

#include <wchar.h>
#include <windows.h>

#include "os/windows/widen.h"

#define WORDS_ROOM 256

static DWORD read_in(DWORD language, DWORD code, wchar_t *words)
{
    return FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM |
                              FORMAT_MESSAGE_IGNORE_INSERTS |
                              FORMAT_MESSAGE_MAX_WIDTH_MASK, /* one line */
                          NULL, code, language, words, WORDS_ROOM, NULL);
}

void hb_reason_read(long os_code, char *target, size_t size)
{
    DWORD english = MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US);
    wchar_t words[WORDS_ROOM] = L"";
    DWORD code = (DWORD)os_code;
    DWORD length = read_in(english, code, words);

    if (length == 0) { /* a Windows without English */
        length = read_in(0, code, words);
    }
    while (length > 0 && wcschr(L" .\r\n", words[length - 1]) != NULL) {
        length--;
    }
    words[length] = L'\0';
    hb_narrow_into(target, size, words);
}
