# What reads processes and dumps. A system's own part stands in its folder.
if(HB_OS STREQUAL "linux")
  include(postmortem/linux/target.cmake)
  include(postmortem/linux/stacks.cmake)
endif()
# They read bytes that nobody vouches for, so a sanitizer looks on.
if(HBTEST_SANITIZE MATCHES "address")
  foreach(name postmortem_target postmortem_maps postmortem_secrets
      postmortem_core_hostile stacks_hostile stacks_core stacks_dump)
    if(TEST test_${name})
      set_tests_properties(test_${name} PROPERTIES LABELS "os;evidence")
    endif()
  endforeach()
endif()
if(HB_OS STREQUAL "windows")
  include(postmortem/windows/look.cmake)
endif()

hb_test(postmortem/test_minidump_look.c hb_postmortem minidump_bytes)
target_compile_definitions(test_minidump_look PRIVATE
  HB_DUMPS="${HBTEST_SHARED_DATA}/minidump")
set_tests_properties(test_minidump_look PROPERTIES LABELS os)
