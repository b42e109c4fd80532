# What the tests of launcher/os/ share, and the programs that they start.
add_library(os_support STATIC os/folder.c os/${HB_OS}/system.c)
target_include_directories(os_support PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_link_libraries(os_support PUBLIC hb_os PRIVATE hb_common hb_system)

add_executable(os_child os/child.c os/${HB_OS}/child.c)
target_link_libraries(os_child PRIVATE hb_common hb_system hb_base os_support)

add_executable(os_loop os/loop.c)
target_link_libraries(os_loop PRIVATE hb_common hb_os os_support)

function(hb_os_test file)
  cmake_path(GET file FILENAME name)
  hb_test(os/${file}.c hb_os os_support ${ARGN})
  target_sources(${name} PRIVATE os/collect.c)
  target_compile_definitions(${name} PRIVATE
    OS_CHILD_PATH="$<TARGET_FILE:os_child>"
    OS_LOOP_PATH="$<TARGET_FILE:os_loop>")
  set_tests_properties(${name} PROPERTIES LABELS os)
  add_dependencies(${name} os_child os_loop)
endfunction()

hb_os_test(test_file)
hb_os_test(test_target)
hb_os_test(test_log)
hb_os_test(test_process)
hb_os_test(test_output)
hb_os_test(test_tree)
hb_os_test(test_sample)
hb_os_test(test_guard)
hb_os_test(test_helper)
hb_os_test(test_machine)
hb_os_test(test_shared)

if(HB_OS STREQUAL "linux")
  hb_os_test(linux/test_linux hb_system)
  hb_os_test(linux/test_helper_use hb_system)
  hb_os_test(linux/test_start hb_system)
  hb_os_test(linux/test_hold hb_system)
  hb_os_test(linux/test_machine_numbers hb_system)
  hb_os_test(linux/test_cores hb_system)
else()
  hb_os_test(windows/test_command_line)
  hb_os_test(windows/test_private hb_system)
  foreach(name test_loan test_loan_pair)
    hb_os_test(windows/${name} hb_system)
    target_sources(${name} PRIVATE os/windows/loan_desk.c)
  endforeach()
  foreach(name test_reports test_wer_loan)
    hb_os_test(windows/${name} hb_system)
    target_sources(${name} PRIVATE os/windows/registry_desk.c)
  endforeach()
  hb_os_test(windows/test_windows hb_system)
endif()

# Dumps of others, which are not ours to ship.
hb_test(os/test_minidump_files.c hb_core hb_os)
target_compile_definitions(test_minidump_files PRIVATE
  HB_DUMPS="${HBTEST_SHARED_DATA}/minidump")
set_tests_properties(test_minidump_files PROPERTIES
  SKIP_REGULAR_EXPRESSION "^skipped: ")

# The client library, by a launcher's part of our own.
add_library(recorder_host STATIC os/${HB_OS}/recorder_host.c)
target_include_directories(recorder_host PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(recorder_host PUBLIC Threads::Threads
  PRIVATE hb_common hb_system)
hb_test(os/test_client.c hbtest::hbtest recorder_host hb_core)
if(WIN32)
  hb_test(os/windows/test_quiet.c hbtest::hbtest recorder_host hb_core
    hb_system)
  hb_test(os/windows/test_client_crash.c hbtest::hbtest recorder_host hb_core
    hb_system)
  foreach(name test_wer test_wer_hostile)
    hb_test(os/windows/${name}.c hbtest::hbtest recorder_host hb_core hb_system)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/fixtures)
    target_compile_definitions(${name} PRIVATE
      HB_WER_MODULE="$<TARGET_FILE:hbtest-wer>")
    add_dependencies(${name} hbtest-wer)
  endforeach()
  set_tests_properties(test_quiet test_client_crash test_wer test_wer_hostile
    PROPERTIES LABELS os)
else()
  hb_test(os/test_client_fork.c hbtest::hbtest recorder_host hb_core hb_system)
  hb_test(os/test_client_signals.c hbtest::hbtest recorder_host hb_core
    hb_system)
  hb_test(os/test_client_exit.c hbtest::hbtest recorder_host hb_core hb_system)
  target_sources(test_client_exit PRIVATE os/linux/exit_roles.c)
  if(NOT HBTEST_SANITIZE) # with one, faults are the sanitizer's
    hb_test(os/test_client_crash.c hbtest::hbtest recorder_host hb_core
      hb_system)
    target_sources(test_client_crash PRIVATE os/linux/crash_roles.c)
  endif()
endif()

# The adapters, in programs that use them as any other would.
add_executable(cmocka_sample os/adapters/cmocka_sample.c
  os/adapters/cmocka_helper.c)
target_link_libraries(cmocka_sample PRIVATE hb_common hbtest::hbtest
  cmocka::cmocka)
hb_test(os/test_cmocka_adapter.c recorder_host hb_core)
target_compile_definitions(test_cmocka_adapter PRIVATE
  CMOCKA_SAMPLE_PATH="$<TARGET_FILE:cmocka_sample>")
add_dependencies(test_cmocka_adapter cmocka_sample)

include(CheckLanguage)
check_language(CXX)
if(CMAKE_CXX_COMPILER)
  enable_language(CXX)
endif()
set(HBTEST_GOOGLETEST /usr/src/googletest/googletest
  CACHE PATH "GoogleTest's sources, for the test of its adapter")
if(CMAKE_CXX_COMPILER AND EXISTS ${HBTEST_GOOGLETEST}/src/gtest-all.cc)
  add_executable(gtest_sample os/adapters/gtest_sample.cc
    os/adapters/gtest_second.cc ${HBTEST_GOOGLETEST}/src/gtest-all.cc
    ${HBTEST_GOOGLETEST}/src/gtest_main.cc)
  set_target_properties(gtest_sample PROPERTIES CXX_STANDARD 14)
  target_include_directories(gtest_sample SYSTEM PRIVATE
    ${HBTEST_GOOGLETEST} ${HBTEST_GOOGLETEST}/include)
  target_link_libraries(gtest_sample PRIVATE hbtest::hbtest)
  hb_test(os/test_gtest_adapter.c recorder_host hb_core)
  target_compile_definitions(test_gtest_adapter PRIVATE
    GTEST_SAMPLE_PATH="$<TARGET_FILE:gtest_sample>")
  add_dependencies(test_gtest_adapter gtest_sample)
endif()
