# cmake -DLIST=CTestTestfile.cmake -DSTAMP=FILE -P hbtest-unwatched.cmake
#
# Reads a generated list of tests by running it, names those that do not go
# through hbtest-launch, and writes the names to STAMP.
cmake_minimum_required(VERSION 3.21)

function(add_test test)
  if("${ARGN}" MATCHES "hbtest-launch" OR "${test}" MATCHES "_NOT_BUILT$")
    return() # the second: its cases are found out when it is built
  endif()
  string(REPLACE ";" "\\;" name "${test}")
  set_property(GLOBAL APPEND PROPERTY unwatched "${name}")
endfunction()

function(set_tests_properties)
endfunction()

function(subdirs)
  foreach(folder IN LISTS ARGN)
    get_filename_component(file "${folder}/CTestTestfile.cmake" ABSOLUTE
      BASE_DIR "${CMAKE_CURRENT_LIST_DIR}")
    include("${file}" OPTIONAL)
  endforeach()
endfunction()

include("${LIST}")
get_property(unwatched GLOBAL PROPERTY unwatched)
list(JOIN unwatched ", " names)
if(unwatched)
  message(NOTICE "hbtest: not watched, because COMMAND names no target: "
    "${names}")
endif()
file(WRITE "${STAMP}" "${names}\n")
