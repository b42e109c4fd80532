#include "postmortem/linux/core_file.h"

#include "postmortem/linux/core_parts.h"

static struct hb_core_output_spec spec_of(const struct hb_core_wish *wish)
{
    return (struct hb_core_output_spec){
        .path = wish->path,
        .compress = wish->compress,
        .workers = wish->depth == HB_DUMP_WHOLE ? 2 : 0,
        .size_max = wish->size_max,
        .disk_free = wish->disk_free,
    };
}

/* Nothing that can wait is done before the process goes on. */
static bool write_mini(struct hb_core_source *source,
                       struct hb_core_output **output, struct hb_error *err)
{
    const struct hb_core_wish *wish = source->wish;
    const struct hb_core_output_spec spec = spec_of(wish);
    struct hb_core_copy copy = { 0 };
    bool fine = hb_core_mini_copy(source, &copy, err);

    if (fine && wish->read_all != NULL) {
        wish->read_all(wish->context);
    }
    fine = fine && hb_core_output_open(&spec, output, err) &&
           hb_core_mini_write(source, &copy, *output, err);
    hb_core_mini_free(&copy);
    return fine;
}

static bool write_full(struct hb_core_source *source,
                       struct hb_core_output **output, struct hb_error *err)
{
    const struct hb_core_output_spec spec = spec_of(source->wish);

    return hb_core_output_open(&spec, output, err) &&
           hb_core_full(source, *output, err);
}

bool hb_core_write(struct hb_target *target, const struct hb_core_wish *wish,
                   const struct hb_core_known *known,
                   struct hb_core_made *out_made, struct hb_error *err)
{
    struct hb_core_source source;
    struct hb_core_output *output = NULL;
    struct hb_core_made made = { 0 };

    if (!hb_core_source_open(target, wish, known, &source, err)) {
        return false;
    }
    bool fine =
        (wish->depth == HB_DUMP_WHOLE ? write_full(&source, &output, err)
                                      : write_mini(&source, &output, err)) &&
        hb_core_output_publish(output, &made.bytes, err);
    if (fine) {
        made.holes = source.holes;
        *out_made = made;
    }
    hb_core_output_free(output);
    hb_core_source_close(&source);
    return fine;
}
