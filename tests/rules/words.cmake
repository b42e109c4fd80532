# Words that are not written: functions with a better one in launcher/base,
# printing and exiting outside the programs, and questions about the operating
# system outside the folders that are about it.
cmake_minimum_required(VERSION 3.21)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)

set(unsafe "sprintf|vsprintf|strcpy|strcat|strncpy|strtok|atoi|atol|strtol")
string(APPEND unsafe "|strtoul|strtoll|strtoull|gets|alloca|system|popen")
set(waiting "sleep|usleep")
set(leaving "exit|abort|perror|printf|fprintf|vfprintf|puts|fputs|putchar")

set(platforms "_WIN32|_WIN64|WIN32|__linux__|__unix__|__CYGWIN__")
string(APPEND platforms "|__MINGW32__|__MINGW64__|__APPLE__")

# forbid(PATTERN WHICH WORDS): files whose name matches may not call WORDS.
# The first rule that a file breaks with a word is the one that is named.
set(rule_count 0)
function(forbid pattern words why)
  math(EXPR next "${rule_count} + 1")
  set(rule_${rule_count}_pattern "${pattern}" PARENT_SCOPE)
  set(rule_${rule_count}_words "${words}" PARENT_SCOPE)
  set(rule_${rule_count}_why "${why}" PARENT_SCOPE)
  set(rule_count ${next} PARENT_SCOPE)
endfunction()

forbid("^(launcher|fixtures/(client|include|wer)|tests)/" "${unsafe}"
  "there is a safer one")
forbid("^(launcher|fixtures/(client|include|wer)|tests/unit)/" "${waiting}"
  "wait for an event")
# Windows has no sigaction().
forbid("^(launcher|fixtures/(client/linux|include)|tests/unit)/|^fixtures/client/[^/]*$"
  "signal" "use sigaction")
forbid("^launcher/(base|core|report|os|run)/" "${leaving}"
  "only launcher/programs print and leave")
forbid("^launcher/(base|core|report)/" "getenv"
  "the environment is read in one place")

# calls(CODE WORDS out): the words that are called in a C text.
function(calls code words out_words)
  string(REGEX MATCHALL "(^|[^A-Za-z0-9_>.\"'])(${words})[ \n]*\\(" hits
    "${code}")
  string(REGEX REPLACE "[^A-Za-z0-9_;]" "" hits "${hits}")
  list(REMOVE_DUPLICATES hits)
  set(${out_words} "${hits}" PARENT_SCOPE)
endfunction()

sources(files launcher fixtures tests)
math(EXPR last_rule "${rule_count} - 1")
foreach(file IN LISTS files)
  code_of("${file}" code)
  foreach(i RANGE ${last_rule})
    if(file MATCHES "${rule_${i}_pattern}")
      calls("${code}" "${rule_${i}_words}" found)
      foreach(word IN LISTS found)
        finding("${file}: ${word}() (${rule_${i}_why})")
      endforeach()
    endif()
  endforeach()
  if(file MATCHES "^(launcher/os|fixtures|tests/os)/")
    continue()
  endif()
  string(REGEX MATCH
    "#[ \t]*(if|ifdef|ifndef|elif)[^\n]*[ (!](${platforms})[^A-Za-z0-9_]"
    question "${code}\n")
  if(question)
    finding("${file}: asks for ${CMAKE_MATCH_2} outside an os folder")
  endif()
endforeach()
list(LENGTH files checked)
finish("words")
