# Puts every CTest test of a project under hbtest-launch, whatever its COMMAND
# is, without a change to the project:
#
#   cmake -DCMAKE_PROJECT_INCLUDE=PREFIX/lib/cmake/hbtest/hbtest-wrap.cmake ...
#
# The launchers that CMake itself knows wrap a test only if its COMMAND is the
# name of a target. This replaces add_test(), which CMake lets one script do:
# the original is called _add_test() from then on.
include_guard(GLOBAL)
cmake_policy(VERSION 3.21) # ours, whatever the project has
include("${CMAKE_CURRENT_LIST_DIR}/hbtest.cmake")
if(NOT HBTEST_LAUNCHER AND NOT TARGET hbtest::launch)
  include("${CMAKE_CURRENT_LIST_DIR}/hbtest-launcher.cmake")
endif()
set(HBTEST_OPTIONS "" CACHE STRING "Options of hbtest-launch for all tests")

# What stands for `word` as a program in add_test(NAME ...): a target's file,
# with what runs it in a cross build, or the word itself. A word may be the
# name of a target that is made later.
function(_hbtest_program word out_words)
  set(target "${word}")
  if(CMAKE_CROSSCOMPILING) # "./program" has another name there
    get_filename_component(target "${word}" NAME)
  endif()
  if(TARGET "${target}")
    set(words "$<TARGET_FILE:${target}>")
    if(CMAKE_CROSSCOMPILING)
      _hbtest_emulator("${target}" emulator)
      list(PREPEND words ${emulator})
    endif()
  elseif(word MATCHES "^[A-Za-z0-9_.+-]+$")
    set(words "$<$<TARGET_EXISTS:${word}>:$<TARGET_FILE:${word}>>")
    string(APPEND words "$<$<NOT:$<TARGET_EXISTS:${word}>>:${word}>")
  else()
    set(words "${word}")
  endif()
  set(${out_words} "${words}" PARENT_SCOPE)
endfunction()

# Each argument goes on in brackets: nothing of it is read a second time, and
# an empty one stays.
function(add_test)
  set(program_at 1) # add_test(name program [argument...])
  math(EXPR last "${ARGC} - 1")
  if(ARGV0 STREQUAL "NAME")
    set(program_at 0)
    foreach(i RANGE ${last}) # no list: a name may hold a ';'
      if(NOT program_at AND i GREATER 1 AND "${ARGV${i}}" STREQUAL "COMMAND")
        math(EXPR program_at "${i} + 1")
      endif()
    endforeach()
  endif()
  _hbtest_command(wrapping "${HBTEST_OPTIONS}")
  set(call "")
  foreach(i RANGE ${last})
    if(i EQUAL program_at AND NOT "${ARGV${i}}" MATCHES
        "hbtest-launch|hbtest::launch")
      set(words "${ARGV${i}}")
      if(ARGV0 STREQUAL "NAME")
        _hbtest_program("${ARGV${i}}" words)
      endif()
      foreach(word IN LISTS wrapping words)
        string(APPEND call " [==[${word}]==]")
      endforeach()
    else()
      string(APPEND call " [==[${ARGV${i}}]==]")
    endif()
  endforeach()
  cmake_language(EVAL CODE "_add_test(${call})")
  _hbtest_at_end_of_directory()
endfunction()
