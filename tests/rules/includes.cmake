# The architecture, as a test: which folder may include which. A word that is
# not in a folder's list may not be included from there.
#
#   programs -> run -> { core, os, report } -> base
#   programs -> postmortem -> { core, os, report } -> base
#
# `report` reads what `core` found out; `os` knows no `core`; the fixtures
# know nothing of the launcher; both sides know <hbtest/protocol.h>.
cmake_minimum_required(VERSION 3.21)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)

set(may_base "iso;base")
set(may_core "iso;base;core;protocol")
set(may_report "iso;base;core;report;cjson")
set(may_os "iso;base;os;protocol;system")
set(may_run "iso;base;core;report;os;run;protocol")
set(may_postmortem "iso;base;core;report;os;postmortem;system")
set(may_programs "iso;base;core;report;os;run;postmortem;programs")
set(may_fixtures "iso;fixtures;protocol;hbtest;cmocka;gtest;system")
set(may_unit "iso;base;core;report;os;run;postmortem;protocol;hbtest;tests;cmocka;cjson")
set(may_tests "${may_unit};gtest;system")

# JSON of others is read in one place of the loop.
set(may_also_launcher/run/config.c "cjson")
# The program that the doctor lets die is linked with a fixture.
set(may_also_launcher/programs/postmortem.c "fixtures")
# It does what the system does with what a fixture registers there.
set(may_also_tests/os/windows/wer_desk.h "fixtures")
set(may_also_tests/os/windows/wer_module.h "fixtures")

set(iso_headers assert complex ctype errno fenv float inttypes iso646 limits
  locale math setjmp signal stdalign stdarg stdbool stddef stdint stdio stdlib
  stdnoreturn string time uchar wchar wctype)

# Which row of the table a file belongs to.
function(layer_of file out_layer)
  if(file MATCHES "^launcher/([a-z]+)/")
    set(layer ${CMAKE_MATCH_1})
  elseif(file MATCHES "^fixtures/")
    set(layer fixtures)
  elseif(file MATCHES "^tests/(unit|fakes)/")
    set(layer unit)
  else()
    set(layer tests)
  endif()
  set(${out_layer} ${layer} PARENT_SCOPE)
endfunction()

# Which word of the table an included header belongs to.
function(word_of file header out_word)
  get_filename_component(folder "${file}" DIRECTORY)
  string(REGEX REPLACE "\\.h$" "" stem "${header}")
  if(stem IN_LIST iso_headers)
    set(word iso)
  elseif(header MATCHES "^(base|core|report|os|run|postmortem|programs)/")
    set(word ${CMAKE_MATCH_1})
  elseif(header STREQUAL "hbtest/protocol.h")
    set(word protocol)
  elseif(header MATCHES "^hbtest/")
    set(word hbtest)
  elseif(header MATCHES "^(cjson/)?cJSON\\.h$")
    set(word cjson)
  elseif(header STREQUAL "cmocka.h")
    set(word cmocka)
  elseif(header MATCHES "^g(test|mock)/")
    set(word gtest)
  elseif(EXISTS "${ROOT}/${folder}/${header}") # a neighbour
    layer_of("${file}" word)
    string(REPLACE "unit" "tests" word "${word}")
  elseif(EXISTS "${ROOT}/tests/${header}")
    set(word tests)
  elseif(EXISTS "${ROOT}/fixtures/${header}")
    set(word fixtures)
  else()
    set(word system)
  endif()
  set(${out_word} ${word} PARENT_SCOPE)
endfunction()

sources(files launcher fixtures tests)
foreach(file IN LISTS files)
  layer_of("${file}" layer)
  if(NOT DEFINED may_${layer})
    finding("${file}: '${layer}' is no layer of the launcher")
    continue()
  endif()
  file(STRINGS "${ROOT}/${file}" lines
    REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"]")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE ".*[<\"]([^>\"]+)[>\"].*" "\\1" header "${line}")
    word_of("${file}" "${header}" word)
    if(NOT word IN_LIST may_${layer} AND NOT word IN_LIST may_also_${file})
      finding("${file}: ${layer} may not include '${header}' (${word})")
    endif()
  endforeach()
endforeach()
list(LENGTH files checked)
finish("includes")
