include(e2e/package.cmake) # the CMake package, test suites of others

# hb_e2e(NAME ARGUMENTS...): tests/e2e/SCRIPT.py with the launcher and the
# specimens; on the cross build through the emulator. SCRIPT is the name up to
# a '-'.
function(hb_e2e name)
  string(REGEX REPLACE "-.*" "" script ${name})
  if(NOT HB_PYTHON)
    message(STATUS "hbtest: no Python, so no test '${name}'")
    return()
  endif()
  string(JOIN ";" launcher ${CMAKE_CROSSCOMPILING_EMULATOR}
    $<TARGET_FILE:hbtest-launch>)
  add_test(NAME e2e_${name}
    COMMAND ${HB_PYTHON} -B ${PROJECT_SOURCE_DIR}/tests/e2e/${script}.py
      --launcher "${launcher}"
      --programs $<TARGET_FILE_DIR:specimen_pass> ${ARGN})
  set_tests_properties(e2e_${name} PROPERTIES LABELS e2e TIMEOUT 600
    SKIP_RETURN_CODE 77)
  if(HBTEST_SANITIZE) # specimens are to die as they would without it
    string(JOIN ":" options handle_segv=0 handle_sigbus=0 handle_sigfpe=0
      handle_sigill=0 handle_abort=0 use_sigaltstack=0)
    set_tests_properties(e2e_${name} PROPERTIES
      ENVIRONMENT "ASAN_OPTIONS=${options};UBSAN_OPTIONS=${options}")
  endif()
endfunction()

# `jenkins` is of unit/reports.cmake.
hb_e2e(specimens --jenkins ${jenkins} --xmllint ${HB_XMLLINT})
foreach(name wrong_input options protocol listing hosts signals nested records
    output replay stalls control
    evidence budget symbols veiled)
  hb_e2e(${name})
endforeach()
if(TARGET gtest_sample)
  hb_e2e(adapter --sample $<TARGET_FILE:gtest_sample>)
else()
  hb_skip(e2e_adapter "no C++ compiler, or no sources of GoogleTest")
  set_tests_properties(e2e_adapter PROPERTIES LABELS e2e)
endif()
# 2 GiB, and a line of 100 MiB. Under Wine that takes a minute and more: there
# it is run by hand.
if(NOT WIN32)
  hb_e2e(output-long --long --only passed_on)
  set_tests_properties(e2e_output-long PROPERTIES LABELS "e2e;slow")
endif()
if(NOT HBTEST_SANITIZE)
  hb_e2e(crashes)
  hb_e2e(unwritten)
  if(NOT WIN32) # cores and seccomp; os tests hold exits on Windows
    hb_e2e(kernel_cores)
    hb_e2e(exits)
    hb_e2e(hostile)
    hb_e2e(unprivileged)
    hb_e2e(services)
    hb_e2e(sanitizers)
  endif()
endif()
# They walk stacks and write dumps, which takes long under sanitizers.
foreach(name evidence budget symbols crashes kernel_cores exits
    unwritten hostile unprivileged services sanitizers)
  if(TEST e2e_${name})
    set_tests_properties(e2e_${name} PROPERTIES LABELS "e2e;slow;evidence")
  endif()
endforeach()
