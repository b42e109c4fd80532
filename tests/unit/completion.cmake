# What a completion reader said, as text.
add_library(completion_seen STATIC unit/completion_seen.c)
target_include_directories(completion_seen PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(completion_seen PUBLIC hb_core
  PRIVATE hb_common cmocka::cmocka)

hb_test(unit/test_completion_cmocka.c completion_seen)
hb_test(unit/test_completion_gtest.c completion_seen)
hb_test(unit/test_completion_tap.c completion_seen)
hb_test(unit/test_completion_golden.c completion_seen)
target_sources(test_completion_golden PRIVATE golden/golden.c)
target_compile_definitions(test_completion_golden PRIVATE
  HB_GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden")
hb_test(unit/test_notify.c hb_core)
hb_test(unit/test_status.c hb_core)
