# What reads processes and dumps. A system's own part stands in its folder.
if(HB_OS STREQUAL "linux")
  include(postmortem/linux/target.cmake)
  include(postmortem/linux/stacks.cmake)
endif()
if(HB_OS STREQUAL "windows")
  include(postmortem/windows/look.cmake)
endif()

hb_test(postmortem/test_minidump_look.c hb_postmortem minidump_bytes)
target_compile_definitions(test_minidump_look PRIVATE
  HB_DUMPS="${HBTEST_SHARED_DATA}/minidump")
set_tests_properties(test_minidump_look PROPERTIES LABELS os)
