# A file that grew past the point where it wants splitting. Functions and
# parameters are measured by clang-tidy.
cmake_minimum_required(VERSION 3.21)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)

set(most_c 400)
set(most_cc 400)
set(most_h 150)
set(most_hpp 150)
# The wire format is one page, and one page it stays; an adapter is nothing
# but its header; a table is as long as its rows.
set(most_fixtures/include/hbtest/protocol.h 190)
set(most_fixtures/include/hbtest/cmocka.h 300)
set(most_fixtures/include/hbtest/gtest.h 300)
set(most_tests/unit/verdict_rows.h 300)

sources(files launcher fixtures tests ci)
foreach(file IN LISTS files)
  file(READ "${ROOT}/${file}" text)
  string(REGEX MATCHALL "\n" newlines "${text}")
  list(LENGTH newlines count)
  string(REGEX REPLACE ".*\\." "" ending "${file}")
  set(most ${most_${ending}})
  if(DEFINED most_${file})
    set(most ${most_${file}})
  endif()
  if(count GREATER most)
    finding("${file}: ${count} lines, at most ${most}")
  endif()
endforeach()
list(LENGTH files checked)
finish("sizes")
