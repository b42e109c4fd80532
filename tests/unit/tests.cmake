hb_test(unit/test_text.c hb_base)
hb_test(unit/test_parse.c hb_base)
hb_test(unit/test_time.c hb_base)
hb_test(unit/test_buffer.c hb_base)
hb_test(unit/test_core_pattern.c hb_base)
hb_test(unit/test_recorder.c hb_core)
hb_test(unit/test_recorder_damage.c hb_core)

# A minidump made by hand.
add_library(minidump_bytes STATIC fakes/minidump_bytes.c)
target_include_directories(minidump_bytes PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(minidump_bytes PUBLIC hb_core PRIVATE hb_common)
hb_test(unit/test_minidump.c minidump_bytes)
hb_test(unit/test_dump_steps.c hb_postmortem)
hb_test(unit/test_image.c hb_postmortem)

hb_test(unit/test_secrets.c hb_core)
hb_test(unit/test_elf_core.c hb_core)
hb_test(unit/test_options.c hb_core)
hb_test(unit/test_options_table.c hb_core)
hb_test(unit/test_options_ask.c hb_core)
hb_test(unit/test_config.c hb_run hb_cjson)
hb_test(unit/test_supervisor.c hb_core)
hb_test(unit/test_crash.c hb_core)
hb_test(unit/test_leaving.c hb_core)
hb_test(unit/test_progress.c hb_core)
hb_test(unit/test_hang.c hb_core)
hb_test(unit/test_signature.c hb_core)
hb_test(unit/test_machine_story.c hb_core hb_os)
hb_test(unit/test_verdict.c hb_core)
hb_test(unit/test_verdict_hang.c hb_core)
hb_test(unit/test_request.c hb_postmortem)
hb_test(unit/test_tell.c hb_postmortem hb_cjson)

# The third implementation of os/, for the loop.
add_library(fake_os STATIC
  fakes/fake_os.c fakes/fake_files.c fakes/fake_process.c fakes/fake_helper.c
  fakes/fake_machine.c
  ${PROJECT_SOURCE_DIR}/launcher/os/reason.c
  ${PROJECT_SOURCE_DIR}/launcher/os/machine.c)
target_include_directories(fake_os PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(fake_os PUBLIC hb_base PRIVATE hb_common)
hb_test(unit/test_run.c hb_run fake_os)
hb_test(unit/test_look.c hb_run fake_os)
hb_test(unit/test_look_cores.c hb_run fake_os)
hb_test(unit/test_run_time.c hb_run fake_os)
hb_test(unit/test_artifacts.c hb_run fake_os)
include(unit/reports.cmake)
include(unit/completion.cmake)
