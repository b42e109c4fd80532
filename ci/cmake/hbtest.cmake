# Puts tests under hbtest-launch; docs/cmake.md tells how to use it.
#
#   hbtest_supervise(ALL | TARGETS target... [OPTIONS option...])
#   hbtest_add_test(NAME name COMMAND target [argument...]
#                   [OPTIONS option...] [TIMEOUT seconds]
#                   [WORKING_DIRECTORY folder] [CONFIGURATIONS name...])
#
# CTest tells a test neither its name nor its limits. Both functions hand them
# on as environment variables, which are options of the launcher, when the
# directory has been read to its end and every property is known.
include_guard(GLOBAL)
cmake_policy(VERSION 3.21) # ours, whatever the project has
set_property(GLOBAL PROPERTY hbtest_folder "${CMAKE_CURRENT_LIST_DIR}")

# Where results go unless OPTIONS says otherwise: one place for all tests of a
# build, while the launcher's own default is beside each test.
set(HBTEST_ARTIFACTS "${CMAKE_BINARY_DIR}/hbtest-artifacts" CACHE PATH
  "Where hbtest-launch puts the results of supervised tests")

function(hbtest_supervise)
  cmake_parse_arguments(PARSE_ARGV 0 arg "ALL" "" "TARGETS;OPTIONS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "hbtest_supervise: what is "
      "'${arg_UNPARSED_ARGUMENTS}'? It takes ALL or TARGETS, and OPTIONS")
  elseif(arg_ALL AND DEFINED arg_TARGETS OR
      NOT arg_ALL AND NOT DEFINED arg_TARGETS)
    message(FATAL_ERROR "hbtest_supervise: say ALL, or TARGETS and names")
  endif()
  _hbtest_command(command "${arg_OPTIONS}")
  foreach(target IN LISTS arg_TARGETS)
    if(NOT TARGET ${target})
      message(FATAL_ERROR "hbtest_supervise: there is no target '${target}'")
    endif()
    _hbtest_wrap_target(${target} "${command}")
  endforeach()
  if(arg_ALL)
    # What is made from here on takes it from the variable, at once, because
    # gtest_discover_tests() asks at once; the rest is done at the end.
    _hbtest_property(variable)
    _hbtest_prepend("${command}" "${CMAKE_${variable}}" value)
    set(CMAKE_${variable} "${value}" PARENT_SCOPE)
    set_property(DIRECTORY PROPERTY hbtest_command "${command}")
  endif()
  _hbtest_at_end_of_directory()
endfunction()

function(hbtest_add_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg ""
    "NAME;TIMEOUT;WORKING_DIRECTORY" "COMMAND;OPTIONS;CONFIGURATIONS")
  if(arg_UNPARSED_ARGUMENTS OR NOT DEFINED arg_NAME OR
      NOT DEFINED arg_COMMAND)
    message(FATAL_ERROR "hbtest_add_test: it takes NAME, COMMAND and, if need "
      "be, OPTIONS, TIMEOUT, WORKING_DIRECTORY, CONFIGURATIONS")
  endif()
  _hbtest_command(command "${arg_OPTIONS}")
  list(POP_FRONT arg_COMMAND program)
  if(TARGET ${program})
    _hbtest_needs_launcher(${program})
    _hbtest_emulator(${program} emulator)
    list(APPEND command ${emulator})
    set(program $<TARGET_FILE:${program}>)
  endif()
  set(more "")
  foreach(word WORKING_DIRECTORY CONFIGURATIONS)
    if(arg_${word})
      list(APPEND more ${word} ${arg_${word}})
    endif()
  endforeach()
  add_test(NAME "${arg_NAME}" COMMAND ${command} ${program} ${arg_COMMAND}
    ${more})
  if(arg_TIMEOUT)
    set_property(TEST "${arg_NAME}" PROPERTY TIMEOUT ${arg_TIMEOUT})
  endif()
  _hbtest_at_end_of_directory()
endfunction()

# The launcher with its options, up to and with the "--". HBTEST_LAUNCHER may
# be a list: what runs a launcher that is a program of another system. Before
# CMake 3.29 properties of a target take no generator expression, so that a
# launcher that this very build makes has no name yet.
function(_hbtest_command out_command options)
  set(launcher ${HBTEST_LAUNCHER})
  if(NOT launcher AND NOT TARGET hbtest::launch)
    message(FATAL_ERROR "hbtest: no launcher for this machine is known; "
      "say -DHBTEST_LAUNCHER=/path/to/hbtest-launch")
  elseif(NOT launcher)
    set(launcher $<TARGET_FILE:hbtest::launch>)
    get_target_property(imported hbtest::launch IMPORTED)
    if(imported)
      get_target_property(launcher hbtest::launch LOCATION)
    endif()
  endif()
  if(NOT options MATCHES "(^|;)--artifacts")
    list(PREPEND options "--artifacts=${HBTEST_ARTIFACTS}")
  endif()
  set(${out_command} "${launcher};${options};--" PARENT_SCOPE)
endfunction()

# The property of a target that wraps its tests.
function(_hbtest_property out_property)
  if(CMAKE_VERSION VERSION_LESS 3.29)
    set(${out_property} CROSSCOMPILING_EMULATOR PARENT_SCOPE)
  else()
    set(${out_property} TEST_LAUNCHER PARENT_SCOPE)
  endif()
endfunction()

# Puts `command` in front of what runs tests by now, unless it is there
# already: by -DCMAKE_TEST_LAUNCHER, or from a second call.
function(_hbtest_prepend command now out_value)
  if(NOT now)
    set(now "")
  endif()
  if(CMAKE_VERSION VERSION_LESS 3.29 AND command MATCHES "TARGET_FILE:")
    message(FATAL_ERROR "hbtest_supervise: before CMake 3.29 this needs an "
      "installed hbtest; use hbtest_add_test() with one built here")
  elseif(NOT now MATCHES "hbtest-launch|hbtest::launch")
    set(now ${command} ${now})
  endif()
  set(${out_value} "${now}" PARENT_SCOPE)
endfunction()

function(_hbtest_wrap_target target command)
  _hbtest_property(property)
  get_target_property(now ${target} ${property})
  _hbtest_prepend("${command}" "${now}" value)
  set_property(TARGET ${target} PROPERTY ${property} "${value}")
  _hbtest_needs_launcher(${target})
endfunction()

# What runs a target's programs in a cross build, without our own part.
function(_hbtest_emulator target out_emulator)
  set(emulator "")
  if(CMAKE_CROSSCOMPILING)
    get_target_property(emulator ${target} CROSSCOMPILING_EMULATOR)
  endif()
  if(NOT emulator)
    set(emulator "")
  elseif(emulator MATCHES "hbtest-launch")
    string(REGEX REPLACE "^.*hbtest-launch.*;--(;|$)" "" emulator "${emulator}")
  endif()
  set(${out_emulator} "${emulator}" PARENT_SCOPE)
endfunction()

# A launcher that is built here must be there before a test runs, and before
# the cases of a program are asked for.
function(_hbtest_needs_launcher target)
  if(TARGET hbtest-launch AND NOT HBTEST_LAUNCHER)
    get_target_property(imported ${target} IMPORTED)
    if(NOT imported)
      add_dependencies(${target} hbtest-launch)
    endif()
  endif()
endfunction()

function(_hbtest_at_end_of_directory)
  get_property(done DIRECTORY PROPERTY hbtest_deferred)
  if(NOT done)
    set_property(DIRECTORY PROPERTY hbtest_deferred TRUE)
    cmake_language(DEFER CALL _hbtest_finish_directory)
  endif()
endfunction()

function(_hbtest_finish_directory)
  get_property(command DIRECTORY PROPERTY hbtest_command)
  if(NOT command)
    _hbtest_describe_tests("${CMAKE_CURRENT_SOURCE_DIR}")
    return()
  endif()
  _hbtest_wrap_directory("${CMAKE_CURRENT_SOURCE_DIR}" "${command}")
  _hbtest_name_the_unwatched()
endfunction()

# All executables and tests of a directory and of those below it.
function(_hbtest_wrap_directory folder command)
  get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "EXECUTABLE")
      _hbtest_wrap_target(${target} "${command}")
    endif()
  endforeach()
  _hbtest_describe_tests("${folder}")
  get_property(below DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
  foreach(next IN LISTS below)
    _hbtest_wrap_directory("${next}" "${command}")
  endforeach()
endfunction()

# Before CMake 3.28 the tests of another directory are out of reach: there the
# launcher takes the program's name, and CTest's limit ends it.
function(_hbtest_describe_tests folder)
  set(where DIRECTORY "${folder}")
  if(CMAKE_VERSION VERSION_LESS 3.28)
    if(NOT folder STREQUAL CMAKE_CURRENT_SOURCE_DIR)
      return()
    endif()
    set(where "")
  endif()
  get_property(tests DIRECTORY "${folder}" PROPERTY TESTS)
  set(odd "")
  set(last "")
  foreach(test IN LISTS tests)
    get_test_property("${test}" hbtest_exists ${where} known)
    if(known)
      _hbtest_describe_test("${test}" "${where}")
      set(last "${test};")
    else()
      string(APPEND odd "${last}${test};") # "a" may be one, and of "a;b" a part
      set(last "")
    endif()
  endforeach()
  _hbtest_describe_odd_tests("${odd}" "${where}")
endfunction()

# Parts of names, each with a ';' behind it: the longest row of them that is
# the name of a test is one. What begins none is named.
function(_hbtest_describe_odd_tests parts where)
  while(NOT parts STREQUAL "")
    string(FIND "${parts}" ";" end)
    set(taken ${end})
    set(test "")
    foreach(count RANGE 1 16)
      string(SUBSTRING "${parts}" 0 ${end} name)
      get_test_property("${name}" hbtest_exists ${where} known)
      if(known)
        set(test "${name}")
        set(taken ${end})
      endif()
      math(EXPR next "${end} + 1")
      string(SUBSTRING "${parts}" ${next} -1 rest)
      string(FIND "${rest}" ";" size)
      if(size EQUAL -1)
        break()
      endif()
      math(EXPR end "${next} + ${size}")
    endforeach()
    if(test STREQUAL "")
      string(SUBSTRING "${parts}" 0 ${taken} name)
      message(WARNING "hbtest: of which test is '${name}' a part? That test "
        "is watched without its own name and limits")
    else()
      _hbtest_describe_test("${test}" "${where}")
    endif()
    math(EXPR next "${taken} + 1")
    string(SUBSTRING "${parts}" ${next} -1 parts)
  endwhile()
endfunction()

# The list of tests does not tell a ';' inside a name from one between two, and
# whoever asks for a property of a test that is none ends the configuration, but
# for get_test_property(). This one all tests have.
define_property(TEST PROPERTY hbtest_exists INHERITED BRIEF_DOCS "it exists"
  FULL_DOCS "Inherited by every test")
set_property(GLOBAL PROPERTY hbtest_exists TRUE)

function(_hbtest_describe_test test where)
  foreach(name ENVIRONMENT TIMEOUT SKIP_RETURN_CODE FIXTURES_SETUP)
    get_property(${name} TEST "${test}" ${where} PROPERTY ${name})
  endforeach()
  set(mine "")
  if("${TIMEOUT}" STREQUAL "")
    set(TIMEOUT "${DART_TESTING_TIMEOUT}") # include(CTest)'s default
  endif()
  _hbtest_limits("${TIMEOUT}" limits)
  list(APPEND mine ${limits})
  _hbtest_skip_code("${test}" "${SKIP_RETURN_CODE}" skip)
  list(APPEND mine ${skip})
  if(FIXTURES_SETUP) # it may start a server that others need
    list(APPEND mine "HBTEST_LEAK=ignore")
  endif()
  string(REPLACE ";" "\\;" name "${test}")
  list(APPEND mine "HBTEST_NAME=${name}") # last: an open '[' joins what follows
  foreach(pair IN LISTS mine)
    string(REPLACE ";" "\\;" pair "${pair}")
    string(REGEX REPLACE "=.*" "" variable "${pair}")
    if(NOT "${ENVIRONMENT}" MATCHES "(^|;)${variable}=")
      set_property(TEST "${test}" ${where} APPEND PROPERTY ENVIRONMENT
        "${pair}")
    endif()
  endforeach()
endfunction()

# A code that cannot mean skipped would end each run as a wrong option.
function(_hbtest_skip_code test code out_pair)
  set(${out_pair} "" PARENT_SCOPE)
  if("${code}" MATCHES "^12[0-7]$")
    message(WARNING "hbtest: SKIP_RETURN_CODE ${code} of "
      "'${test}' is one of the launcher's own; its record will say 'fail'")
  elseif("${code}" MATCHES "^([1-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])$"
      OR "${code}" MATCHES "\\$<")
    set(${out_pair} "HBTEST_SKIP_CODE=${code}" PARENT_SCOPE)
  elseif(NOT "${code}" STREQUAL "")
    message(WARNING "hbtest: SKIP_RETURN_CODE ${code} of '${test}' is no code "
      "that can mean skipped (1 to 255); its record will say what it is "
      "without one")
  endif()
endfunction()

# CTest's limit in seconds ends the launcher itself and all evidence with it:
# ours is a tenth shorter (0.3 s to 7 s, never more than half), and half of
# that time is left for the test to stop when asked.
function(_hbtest_limits seconds out_pairs)
  set(${out_pairs} "" PARENT_SCOPE)
  if(NOT "${seconds}" MATCHES "^([0-9]+)(\\.([0-9]+))?$")
    return()
  endif()
  string(SUBSTRING "${CMAKE_MATCH_3}000" 0 3 thousandths)
  math(EXPR limit "${CMAKE_MATCH_1} * 1000 + 1${thousandths} - 1000")
  if(limit LESS 2)
    return() # 0 is no limit
  endif()
  math(EXPR spare "${limit} / 10")
  math(EXPR half "${limit} / 2")
  if(spare LESS 1000)
    set(spare 1000)
  elseif(spare GREATER 10000)
    set(spare 10000)
  endif()
  if(spare GREATER half)
    set(spare ${half})
  endif()
  math(EXPR timeout "${limit} - ${spare}")
  math(EXPR grace "${spare} / 3") # a third each: evidence, grace, reports
  set(${out_pairs} "HBTEST_TIMEOUT=${timeout}ms;HBTEST_GRACE=${grace}ms"
    PARENT_SCOPE)
endfunction()

# A test whose COMMAND is a script or $<TARGET_FILE:...> is wrapped by no
# property. Nobody shall believe that it is watched, so the build says it,
# once for each change of the list of tests.
function(_hbtest_name_the_unwatched)
  if(NOT CMAKE_TESTING_ENABLED)
    return()
  endif()
  get_property(folder GLOBAL PROPERTY hbtest_folder)
  get_property(number GLOBAL PROPERTY hbtest_unwatched_count)
  set(list "${CMAKE_CURRENT_BINARY_DIR}/CTestTestfile.cmake")
  set(stamp "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/hbtest-unwatched.txt")
  add_custom_command(OUTPUT "${stamp}"
    COMMAND ${CMAKE_COMMAND} "-DLIST=${list}" "-DSTAMP=${stamp}"
      -P "${folder}/hbtest-unwatched.cmake"
    DEPENDS "${list}" VERBATIM
    COMMENT "Looking for tests that hbtest-launch does not watch")
  add_custom_target(hbtest-unwatched${number} ALL DEPENDS "${stamp}")
  math(EXPR number "0${number} + 1")
  set_property(GLOBAL PROPERTY hbtest_unwatched_count ${number})
endfunction()
