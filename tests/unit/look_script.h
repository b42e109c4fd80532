#pragma once

/* What a pretend helper tells and does, for scripts of tests/fakes/fake_os.h.
 */
#define TELLS_AT(when, words)                                                  \
    {                                                                          \
        .at_ms = (when), .event = {                                            \
            .kind = HB_EVENT_HELPER_OUTPUT,                                    \
            .bytes = (words),                                                  \
            .size = sizeof(words) - 1                                          \
        }                                                                      \
    }
#define ENDS_AT(when, number)                                                  \
    {                                                                          \
        .at_ms = (when), .event = {                                            \
            .kind = HB_EVENT_HELPER_ENDED,                                     \
            .exit = { .kind = HB_EXIT_CODE, .value = (number) }                \
        }                                                                      \
    }
#define ASKED_AT(when)                                                         \
    {                                                                          \
        .at_ms = (when), .event = {                                            \
            .kind = HB_EVENT_STOP_REQUEST,                                     \
            .signal = 2,                                                       \
            .signal_name = "SIGINT"                                            \
        }                                                                      \
    }

#define MODULE                                                                 \
    "{\"kind\":\"module\",\"index\":0,\"base\":\"0x1000\",\"size\":4096,"      \
    "\"path\":\"/b/pretend\",\"id\":\"ab12\"}\n"
#define FRAME(where)                                                           \
    "{\"address\":\"0x1010\",\"module\":0,\"offset\":\"0x10\","                \
    "\"symbol\":\"" where "\",\"file\":\"/s/p.c\",\"line\":7}"
#define THREAD(tid, where)                                                     \
    "{\"kind\":\"thread\",\"pid\":100,\"tid\":" tid                            \
    ",\"sample\":0,\"state\":\"sleeping\",\"frames\":[" FRAME(where) "]}\n"
#define LOCK(tid, owner)                                                       \
    "{\"kind\":\"lock\",\"pid\":100,\"tid\":" tid ",\"lock\":\"mutex\","       \
    "\"address\":\"0x2000\",\"owner\":" owner "}\n"
#define STACKS                                                                 \
    "{\"kind\":\"evidence\",\"pid\":100,\"what\":\"stacks\","                  \
    "\"status\":\"captured\",\"duration_ms\":4,\"pause_us\":321}\n"
#define NO_DUMP                                                                \
    "{\"kind\":\"evidence\",\"pid\":100,\"what\":\"dump\","                    \
    "\"status\":\"failed\",\"reason\":\"the disk is full\"}\n"
#define DONE "{\"kind\":\"done\"}\n"
