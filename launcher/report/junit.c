#include "report/junit.h"

#include <string.h>

#include "core/status.h"
#include "report/junit/names.h"
#include "report/junit/output.h"
#include "report/junit/plan.h"
#include "report/junit/xml.h"
#include "report/story.h"
#include "report/words.h"

/* A message is one line in a list; the body has all of it. */
#define MESSAGE_SIZE 512

struct writer {
    const struct hb_result *result;
    const struct hb_junit_output *output;
    enum hb_junit_flavor flavor;
    struct hb_buffer *out;
    struct hb_junit_plan plan;
    struct hb_junit_names names;
};

static const char *const element_names[HB_JUNIT_ELEMENT_COUNT] = {
    [HB_JUNIT_SKIPPED] = "skipped",
    [HB_JUNIT_FAILURE] = "failure",
    [HB_JUNIT_ERROR] = "error",
};

static void write_totals(const struct writer *writer)
{
    const struct hb_junit_plan *plan = &writer->plan;
    struct hb_buffer *out = writer->out;

    hb_xml_attribute(out, "name", writer->result->header->name);
    hb_xml_attribute_number(out, "tests", plan->tests);
    hb_xml_attribute_number(out, "failures", plan->count[HB_JUNIT_FAILURE]);
    hb_xml_attribute_number(out, "errors", plan->count[HB_JUNIT_ERROR]);
}

static void write_property(struct hb_buffer *out, const char *indent,
                           const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0') {
        hb_buffer_format(out, "%s<property", indent);
        hb_xml_attribute(out, "name", name);
        hb_xml_attribute(out, "value", value);
        hb_buffer_text(out, "/>\n");
    }
}

/* What the finding is, in words that a filter can match. */
static void write_finding_properties(const struct writer *writer,
                                     const char *indent)
{
    const struct hb_result *result = writer->result;
    char status[128] = "";

    if (result->ended && result->exit.kind != HB_EXIT_NONE) {
        hb_exit_describe(result->exit, status, sizeof(status));
    }
    write_property(writer->out, indent, "hbtest.verdict",
                   hb_verdict_name(result->verdict));
    write_property(writer->out, indent, "hbtest.cause",
                   hb_cause_name(result->cause));
    write_property(writer->out, indent, "hbtest.phase",
                   hb_phase_name(result->phase));
    write_property(writer->out, indent, "hbtest.exit", status);
    write_property(writer->out, indent, "hbtest.signature",
                   result->signature.hash);
    write_property(writer->out, indent, "hbtest.last_case",
                   result->heartbeat.last_case);
    write_property(writer->out, indent, "hbtest.last_note",
                   result->heartbeat.last_note);
}

static void write_suite_properties(const struct writer *writer)
{
    const struct hb_run_header *header = writer->result->header;
    char attempt[16];

    (void)hb_text_format(attempt, sizeof(attempt), "%u",
                         (unsigned)header->attempt);
    hb_buffer_text(writer->out, "    <properties>\n");
    write_property(writer->out, "      ", "hbtest.version",
                   header->launcher.version);
    write_property(writer->out, "      ", "hbtest.run_id", header->run_id);
    write_property(writer->out, "      ", "hbtest.attempt", attempt);
    write_property(writer->out, "      ", "hbtest.os", header->host.os);
    write_finding_properties(writer, "      ");
    hb_buffer_text(writer->out, "    </properties>\n");
}

static void add_story_line(void *context, const char *label, const char *text)
{
    struct hb_buffer *out = context;

    hb_buffer_format(out, "%s: ", label);
    hb_xml_text(out, text, strlen(text));
    hb_buffer_text(out, "\n");
}

static void write_body(const struct writer *writer, const struct hb_case *item,
                       bool carries)
{
    struct hb_buffer *out = writer->out;

    if (item != NULL && item->message != NULL) {
        hb_xml_text(out, item->message, strlen(item->message));
        hb_buffer_text(out, "\n");
    }
    if (item != NULL && item->file != NULL) {
        hb_xml_text(out, item->file, strlen(item->file));
        hb_buffer_format(out, ":%u\n", (unsigned)item->line);
    }
    if (carries) {
        hb_xml_text(out, writer->result->summary,
                    strlen(writer->result->summary));
        hb_buffer_text(out, "\n");
        hb_story_tell(writer->result, add_story_line, out);
    }
}

/* Why a case that did not fail is no pass. */
static const char *skip_reason(const struct hb_case *item)
{
    switch (item->status) {
    case HB_CASE_LOST:
        return "lost: never ran";
    case HB_CASE_RUNNING:
    case HB_CASE_UNKNOWN:
        return "never said how it ended";
    default:
        return item->message != NULL ? item->message : "";
    }
}

static void write_message(const struct writer *writer,
                          const struct hb_case *item, bool carries)
{
    char line[MESSAGE_SIZE];
    const char *message = writer->result->summary;

    if (item != NULL && item->status == HB_CASE_FAILED) {
        message = item->message != NULL ? item->message : "the case failed";
    } else if (item != NULL && !carries) {
        message = "was in flight at the end, too";
    }
    (void)hb_text_copy(line, sizeof(line), message);
    line[strcspn(line, "\r\n")] = '\0';
    hb_xml_attribute(writer->out, "message", line);
}

static void write_type(const struct writer *writer, const struct hb_case *item)
{
    const struct hb_result *result = writer->result;
    char type[64];

    if (item != NULL && item->status == HB_CASE_FAILED) {
        hb_xml_attribute(writer->out, "type", "fail/case-failed");
        return;
    }
    (void)hb_text_format(type, sizeof(type), "%s%s%s",
                         hb_verdict_name(result->verdict),
                         result->cause != HB_CAUSE_NONE ? "/" : "",
                         hb_cause_name(result->cause));
    hb_xml_attribute(writer->out, "type", type);
}

/* `item` is NULL for the program's own testcase. */
static void write_element(const struct writer *writer,
                          enum hb_junit_element element,
                          const struct hb_case *item, bool carries)
{
    struct hb_buffer *out = writer->out;

    if (element == HB_JUNIT_PASSED) {
        return;
    }
    hb_buffer_format(out, "      <%s", element_names[element]);
    if (element == HB_JUNIT_SKIPPED) {
        hb_xml_attribute(out, "message",
                         item != NULL ? skip_reason(item)
                                      : writer->result->summary);
        hb_buffer_text(out, "/>\n");
        return;
    }
    write_type(writer, item);
    write_message(writer, item, carries);
    hb_buffer_text(out, ">");
    write_body(writer, item, carries);
    hb_buffer_format(out, "</%s>\n", element_names[element]);
}

static bool open_testcase(struct writer *writer, const char *suite,
                          const char *name, uint64_t ms)
{
    char unique[HB_JUNIT_NAME_SIZE];

    if (!hb_junit_names_take(&writer->names, suite, name, unique)) {
        return false;
    }
    hb_buffer_text(writer->out, "    <testcase");
    hb_xml_attribute(writer->out, "name", unique);
    hb_xml_attribute(writer->out, "classname", writer->result->header->name);
    hb_xml_attribute_seconds(writer->out, "time", ms);
    return true;
}

static uint64_t case_duration(const struct hb_result *result,
                              const struct hb_case *item)
{
    if (item->duration_ms != HB_UNKNOWN_MS) {
        return item->duration_ms;
    }
    if (item->status == HB_CASE_RUNNING && item->begun_ms != HB_UNKNOWN_MS &&
        item->begun_ms <= result->duration_ms) {
        return result->duration_ms - item->begun_ms;
    }
    return 0;
}

/* What only the testcase with the finding has. */
static void write_carried_properties(const struct writer *writer)
{
    if (writer->flavor == HB_JUNIT_EXTENDED) {
        hb_buffer_text(writer->out, "      <properties>\n");
        write_finding_properties(writer, "        ");
        hb_buffer_text(writer->out, "      </properties>\n");
    }
}

static bool write_case(struct writer *writer, size_t index)
{
    const struct hb_case *item = &writer->result->cases[index];
    enum hb_junit_element element = hb_junit_element_of(writer->result, index);
    bool carries = index == writer->plan.carrier;
    struct hb_buffer *out = writer->out;

    if (!open_testcase(writer, item->suite, item->name,
                       case_duration(writer->result, item))) {
        return false;
    }
    if (writer->flavor == HB_JUNIT_EXTENDED && item->file != NULL) {
        hb_xml_attribute(out, "file", item->file);
        if (item->line != 0) {
            hb_xml_attribute_number(out, "line", item->line);
        }
    }
    if (element == HB_JUNIT_PASSED) {
        hb_buffer_text(out, "/>\n");
        return true;
    }
    hb_buffer_text(out, ">\n");
    if (carries) {
        write_carried_properties(writer);
    }
    write_element(writer, element, item, carries);
    if (carries) {
        hb_junit_write_output(writer->output, out);
    }
    hb_buffer_text(out, "    </testcase>\n");
    return true;
}

static bool write_program(struct writer *writer)
{
    const struct hb_result *result = writer->result;
    uint64_t ms = result->case_count == 0 ? result->duration_ms : 0;

    if (!open_testcase(writer, NULL, result->header->name, ms)) {
        return false;
    }
    hb_buffer_text(writer->out, ">\n");
    write_carried_properties(writer);
    write_element(writer, writer->plan.program_element, NULL, true);
    hb_junit_write_output(writer->output, writer->out);
    hb_buffer_text(writer->out, "    </testcase>\n");
    return true;
}

static bool write_testcases(struct writer *writer)
{
    for (size_t i = 0; i < writer->result->case_count; i++) {
        if (!write_case(writer, i)) {
            return false;
        }
    }
    if (writer->plan.program) {
        return write_program(writer);
    }
    if (writer->plan.carrier == HB_JUNIT_NOBODY) {
        hb_junit_write_output(writer->output, writer->out);
    }
    return true;
}

static void open_suite(const struct writer *writer)
{
    const struct hb_run_header *header = writer->result->header;
    struct hb_buffer *out = writer->out;
    char started[HB_TIME_SIZE];

    hb_format_time(started, header->started_at_unix_ms);
    hb_buffer_text(out, "  <testsuite");
    write_totals(writer);
    hb_xml_attribute_number(out, "skipped",
                            writer->plan.count[HB_JUNIT_SKIPPED]);
    hb_xml_attribute_seconds(out, "time", writer->result->duration_ms);
    hb_xml_attribute(out, "timestamp", started);
    if (header->host.name != NULL && header->host.name[0] != '\0') {
        hb_xml_attribute(out, "hostname", header->host.name);
    }
    hb_buffer_text(out, ">\n");
    write_suite_properties(writer);
}

bool hb_junit_write(const struct hb_result *result,
                    const struct hb_junit_output *output,
                    enum hb_junit_flavor flavor, struct hb_buffer *out,
                    struct hb_error *err)
{
    static const struct hb_junit_output none = { 0 };
    struct writer writer = {
        .result = result,
        .output = output != NULL ? output : &none,
        .flavor = flavor,
        .out = out,
    };

    hb_junit_plan_make(&writer.plan, result);
    hb_buffer_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        "<testsuites");
    write_totals(&writer);
    hb_xml_attribute_seconds(out, "time", result->duration_ms);
    hb_buffer_text(out, ">\n");
    open_suite(&writer);

    bool ok = write_testcases(&writer);

    hb_buffer_text(out, "  </testsuite>\n</testsuites>\n");
    hb_junit_names_free(&writer.names);
    if (!ok || out->failed) {
        return hb_fail(err, HB_ERR_INTERNAL, 0,
                       "no memory for the JUnit report of '%s'",
                       result->header->name);
    }
    return true;
}
