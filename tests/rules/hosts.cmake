# docs/hosts.md names every variable of a host that the code reads or sets, and
# no others. (Those of the options, HBTEST_NAME, are held by the rule of the
# options.)
cmake_minimum_required(VERSION 3.21)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)

sources(files launcher/run launcher/os launcher/programs)
set(read "")
foreach(file IN LISTS files)
  code_of("${file}" code)
  # A name that is asked for, one that is put into the test's environment, and
  # in launcher/run any that may be handed on to be asked for.
  string(REGEX MATCHALL
    "(getenv|environment_get|EnvironmentVariableW|value_of)\\(L?\"[A-Z_]+\""
    asked "${code}")
  string(REGEX MATCHALL "\"[A-Z_]+=[\"@]" words "${code}")
  if(file MATCHES "^launcher/run/")
    string(REGEX MATCHALL "\"[A-Z]+_[A-Z_]+\"" handed "${code}")
    list(APPEND words ${handed})
  endif()
  string(REGEX REPLACE "[^;\"]*\"([A-Z_]+)=?[\"@]" "\\1" words
    "${asked};${words}")
  list(APPEND read ${words})
endforeach()
list(REMOVE_DUPLICATES read)
list(SORT read)

file(READ "${ROOT}/docs/hosts.md" page)
string(REGEX MATCHALL "`[A-Z][A-Z_]+[`=]" told "${page}")
string(REGEX REPLACE "[`=1]" "" told "${told}")
list(REMOVE_DUPLICATES told)
# What a test says over the socket, and the one that goes to the fixture.
list(REMOVE_ITEM told WATCHDOG STATUS READY STOPPING WATCHDOG_USEC)
list(REMOVE_ITEM read HBTEST_RECORDER)

foreach(name IN LISTS read)
  if(NOT name IN_LIST told)
    finding("docs/hosts.md: ${name} is missing, and the code reads it")
  endif()
endforeach()
foreach(name IN LISTS told)
  if(NOT name IN_LIST read)
    finding("docs/hosts.md: ${name} is read nowhere")
  endif()
endforeach()
list(LENGTH files checked)
list(LENGTH read count)
if(count LESS 15)
  finding("only ${count} variables were understood: ${read}")
endif()
finish("hosts")
