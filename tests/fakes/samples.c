#include "fakes/sample_parts.h"

#include <string.h>

#include "base/text.h"

static const char *const command[] = { "./parser_test", "--all", "two words",
                                       "" };

static void set_policy(struct hb_policy *policy)
{
    *policy = (struct hb_policy){
        .hang_after_auto = true,
        .hang_after_ms = HB_NO_LIMIT,
        .timeout_ms = HB_NO_LIMIT,
        .exit_within_ms = 10000,
        .deadline_ms = HB_NO_LIMIT,
        .beat_every_ms = 1000,
        .grace_ms = 5000,
        .progress = HB_PROGRESS_AUTO,
    };
}

static void set_header(struct sample *sample)
{
    struct hb_run_header *header = &sample->header;

    header->name = "parser_test";
    SET(header->run_id, "20260131T120000.123Z-4711-1");
    header->attempt = 1;
    header->command = command;
    header->command_count = sizeof(command) / sizeof(command[0]);
    header->cwd = "/build/tests";
    header->started_at_unix_ms = INT64_C(1769860800123);
    header->host.os = "Linux";
    header->host.release = "6.1.0";
    header->host.arch = "x86_64";
    header->host.cpus = 4;
    header->host.name = "builder";
    header->launcher.version = "0.1.0";
    header->launcher.pid = 4711;
    set_policy(&header->policy);
}

void sample_capability(struct sample *sample, const char *name, bool available,
                       const char *detail)
{
    struct hb_run_header *header = &sample->header;
    struct hb_capability *made =
        &header->launcher.capabilities[header->launcher.capability_count++];

    SET(made->name, name);
    made->available = available;
    SET(made->detail, detail);
}

void sample_evidence(struct sample *sample, const char *kind)
{
    struct hb_evidence *made =
        &sample->result.evidence[sample->result.evidence_count++];

    SET(made->kind, kind);
    made->status = HB_EVIDENCE_SKIPPED;
    SET(made->reason, "the process had ended before anybody could look");
}

void sample_judge(struct sample *sample, enum hb_verdict verdict,
                  enum hb_cause cause, const char *summary)
{
    sample->result.verdict = verdict;
    sample->result.cause = cause;
    SET(sample->result.summary, summary);
}

void sample_end(struct sample *sample, enum hb_exit_kind kind, uint32_t value,
                uint64_t at_ms)
{
    struct hb_result *result = &sample->result;

    result->ended = true;
    result->exit = (struct hb_exit){ .kind = kind, .value = value };
    result->ended_ms = at_ms;
    result->duration_ms = at_ms + 12;
    result->resources = (struct hb_resources){
        .known = true,
        .user_ms = 120,
        .system_ms = 7,
        .max_rss_kib = 20480,
    };
}

struct hb_case *sample_case(struct sample *sample, char *suite, char *name,
                            enum hb_case_status status)
{
    struct hb_case *made = &sample->cases[sample->result.case_count++];

    *made = (struct hb_case){
        .suite = suite,
        .name = name,
        .status = status,
        .begun_ms = HB_UNKNOWN_MS,
        .duration_ms = HB_UNKNOWN_MS,
        .source = HB_SOURCE_CMOCKA,
    };
    return made;
}

struct hb_case *sample_timed(struct sample *sample, char *name,
                             enum hb_case_status status, uint64_t begun_ms,
                             uint64_t duration_ms)
{
    struct hb_case *made = sample_case(sample, NULL, name, status);

    made->begun_ms = begun_ms;
    made->duration_ms = duration_ms;
    return made;
}

void sample_complete(struct sample *sample, bool seen, const char *how)
{
    sample->result.completion.expected = true;
    sample->result.completion.seen = seen;
    SET(sample->result.completion.how, how);
    sample->result.dialect_seen = true;
}

void sample_heartbeat(struct sample *sample, const char *source,
                      uint64_t last_ms)
{
    struct hb_heartbeat *heartbeat = &sample->result.heartbeat;

    heartbeat->seen = true;
    SET(heartbeat->source, source);
    heartbeat->progress = 6;
    heartbeat->first_ms = 3;
    heartbeat->last_ms = last_ms;
    heartbeat->longest_gap_ms = 700;
    heartbeat->gap_at_end_ms = sample->result.ended_ms - last_ms;
}

void sample_empty(struct sample *sample, const char *name)
{
    memset(sample, 0, sizeof(*sample));
    sample->name = name;
    set_header(sample);

    struct hb_result *result = &sample->result;

    result->header = &sample->header;
    result->cases = sample->cases;
    result->processes = sample->processes;
    result->threads = sample->threads;
    result->warnings = sample->warnings;
    result->fired_after_ms = HB_UNKNOWN_MS;
    result->ended_ms = HB_UNKNOWN_MS;
    result->phase = HB_PHASE_RUN;
    result->heartbeat.hang_after_ms = 300000;
    result->heartbeat.first_ms = HB_UNKNOWN_MS;
    result->heartbeat.last_ms = HB_UNKNOWN_MS;
    result->heartbeat.gap_at_end_ms = HB_UNKNOWN_MS;
    SET(result->heartbeat.source, "none");
    SET(result->completion.how, "none");
}
