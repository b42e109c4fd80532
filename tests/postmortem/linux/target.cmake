# Processes that are stopped and read, and the program that is it.
add_executable(target_child postmortem/linux/target_child.c
  postmortem/linux/target_memory.c)
target_link_libraries(target_child PRIVATE hb_common hb_system hb_base
  Threads::Threads)

add_library(target_desk STATIC postmortem/linux/target_desk.c)
target_include_directories(target_desk PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_compile_definitions(target_desk PRIVATE
  TARGET_CHILD_PATH="$<TARGET_FILE:target_child>")
target_link_libraries(target_desk PUBLIC hb_postmortem os_support
  PRIVATE hb_common hb_system cmocka::cmocka)
add_dependencies(target_desk target_child)

# hb_target_test(test_maps): of this folder, with a target at hand.
function(hb_target_test name)
  hb_test(postmortem/linux/${name}.c target_desk hb_system ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS "os;slow;evidence")
endfunction()

hb_target_test(test_postmortem_target)
hb_target_test(test_postmortem_signals)
hb_target_test(test_postmortem_refused)
hb_target_test(test_postmortem_maps)

# Cores of it, as our reader and the debuggers see them.
find_package(PkgConfig REQUIRED)
pkg_check_modules(HB_TEST_ZSTD REQUIRED IMPORTED_TARGET libzstd)
add_library(core_desk STATIC postmortem/linux/core_desk.c)
target_include_directories(core_desk PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(core_desk PUBLIC target_desk hb_core
  PRIVATE hb_common hb_system cmocka::cmocka PkgConfig::HB_TEST_ZSTD)
hb_target_test(test_postmortem_core core_desk)
hb_target_test(test_postmortem_secrets core_desk)
hb_target_test(test_postmortem_core_hostile core_desk Threads::Threads)
hb_target_test(test_postmortem_core_file core_desk)
hb_target_test(test_postmortem_debuggers core_desk)
hb_test(postmortem/linux/test_dead_cores.c hb_postmortem hb_system)
set_tests_properties(test_dead_cores PROPERTIES LABELS os)
find_program(HBTEST_GDB gdb)
find_program(HBTEST_LLDB NAMES lldb lldb-14)
find_program(HBTEST_EU_STACK eu-stack)
target_compile_definitions(test_postmortem_debuggers PRIVATE
  GDB_PATH="${HBTEST_GDB}" LLDB_PATH="${HBTEST_LLDB}"
  EU_STACK_PATH="${HBTEST_EU_STACK}"
  TARGET_CHILD_PATH="$<TARGET_FILE:target_child>")
