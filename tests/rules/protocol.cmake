# docs/protocol.md is enough to write a fixture only while it says what
# <hbtest/protocol.h> says: places and sizes of all fields, counts, kinds of
# records, how a case ends.
cmake_minimum_required(VERSION 3.21)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)

set(header_file fixtures/include/hbtest/protocol.h)
set(checked 2)
code_of(${header_file} code)
file(READ "${ROOT}/docs/protocol.md" page)
foreach(text code page)
  string(REPLACE ";" "<semicolon>" ${text} "${${text}}")
endforeach()

# constant(NAME out): the number behind a #define.
function(constant name out_number)
  if(NOT code MATCHES "#define ${name} (0x)?([0-9]+)u?[ \n]")
    message(FATAL_ERROR "protocol: ${header_file} has no number ${name}")
  endif()
  set(${out_number} ${CMAKE_MATCH_2} PARENT_SCOPE)
endfunction()

# fields_of(STRUCT out): its fields as "offset:size:name".
function(fields_of struct out_fields)
  set(fields "")
  set(at 0)
  if(NOT code MATCHES "struct ${struct} {([^}]*)}")
    message(FATAL_ERROR "protocol: ${header_file} has no struct ${struct}")
  endif()
  string(REGEX MATCHALL "[a-z0-9_]+ [a-z0-9_]+(\\[[A-Z0-9_]+\\])?<" lines
    "${CMAKE_MATCH_1}")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "^([a-z]+)([0-9]*)(_t)? ([a-z_]+)[0-9]*(\\[(.*)\\])?<$"
      ignored "${line}")
    set(name ${CMAKE_MATCH_4})
    set(count "${CMAKE_MATCH_6}")
    math(EXPR unit "0${CMAKE_MATCH_2} / 8")
    if(CMAKE_MATCH_1 STREQUAL "char")
      set(unit 1)
    endif()
    if(count MATCHES "[A-Z]")
      constant(${count} count)
    elseif(count STREQUAL "")
      set(count 1)
    endif()
    math(EXPR size "${unit} * ${count}")
    math(EXPR at "(${at} + ${unit} - 1) / ${unit} * ${unit}")
    list(APPEND fields "${at}:${size}:${name}")
    math(EXPR at "${at} + ${size}")
  endforeach()
  set(${out_fields} "${fields}" PARENT_SCOPE)
endfunction()

# section(HEADING out): the page from a heading to the next.
function(section heading out_text)
  string(FIND "${page}" "\n## ${heading}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "protocol: docs/protocol.md has no '${heading}'")
  endif()
  math(EXPR at "${at} + 1")
  string(SUBSTRING "${page}" ${at} -1 text)
  string(FIND "${text}" "\n## " end)
  string(SUBSTRING "${text}" 0 ${end} text)
  set(${out_text} "${text}" PARENT_SCOPE)
endfunction()

# rows_of(HEADING out): the rows of its table of fields, in the same form. A
# row of several ("2, 2 | major, minor") becomes as many.
function(rows_of heading out_rows)
  set(rows "")
  section("${heading}" text)
  string(REGEX MATCHALL "\n\\| [0-9]+ \\| [0-9, ]+ \\| [a-z_, ]+ \\|" lines
    "${text}")
  foreach(line IN LISTS lines)
    string(REGEX MATCH "([0-9]+) \\| ([0-9, ]+) \\| ([a-z_, ]+) " ignored
      "${line}")
    set(at ${CMAKE_MATCH_1})
    string(REPLACE ", " ";" sizes "${CMAKE_MATCH_2}")
    string(REPLACE ", " ";" names "${CMAKE_MATCH_3}")
    foreach(size name IN ZIP_LISTS sizes names)
      list(APPEND rows "${at}:${size}:${name}")
      math(EXPR at "${at} + 0${size}")
    endforeach()
  endforeach()
  set(${out_rows} "${rows}" PARENT_SCOPE)
endfunction()

# Reserved bytes need no row.
macro(compare what code_items page_items)
  foreach(item IN LISTS ${code_items})
    if(NOT item IN_LIST ${page_items} AND NOT item MATCHES ":reserved$")
      finding("docs/protocol.md: ${what} lacks ${item}")
    endif()
  endforeach()
  foreach(item IN LISTS ${page_items})
    if(NOT item IN_LIST ${code_items})
      finding("docs/protocol.md: ${what} has ${item}, the code has not")
    endif()
  endforeach()
endmacro()

macro(compare_fields heading struct)
  rows_of("${heading}" page_fields)
  fields_of(${struct} code_fields)
  compare("'${heading}'" code_fields page_fields)
endmacro()
compare_fields("Header" hbtest_header)
compare_fields("Lanes" hbtest_lane)
compare_fields("Slots" hbtest_slot)

# Numbers that the page says in its own words; they stand here by name.
function(with_numbers text out_text)
  string(REGEX MATCHALL "HBTEST_[A-Z_]+" names "${text}")
  foreach(name IN LISTS names)
    constant(${name} number)
    string(REPLACE "${name}" "${number}" text "${text}")
  endforeach()
  set(${out_text} "${text}" PARENT_SCOPE)
endfunction()
foreach(words
    "wire format, version HBTEST_PROTOCOL_MAJOR.HBTEST_PROTOCOL_MINOR\n"
    "| HBTEST_PROTOCOL_MAJOR, HBTEST_PROTOCOL_MINOR |\n"
    "| HBTEST_LANE_COUNT, HBTEST_LANE_BYTES, HBTEST_LANES_OFFSET |\n"
    "| HBTEST_SLOT_COUNT, HBTEST_SLOT_BYTES, HBTEST_SLOTS_OFFSET |\n"
    "text_bytes | at most HBTEST_TEXT_BYTES<semicolon>")
  with_numbers("${words}" text)
  string(FIND "${page}" "${text}" at)
  if(at EQUAL -1)
    string(STRIP "${text}" text)
    finding("docs/protocol.md: does not say '${text}'")
  endif()
endforeach()

# Kinds of records, one row each or "9, 10 | PAUSE, RESUME".
string(REGEX MATCHALL "HBTEST_RECORD_[A-Z_]+ = [0-9]+" words "${code}")
string(REGEX REPLACE "HBTEST_RECORD_([A-Z_]+) = ([0-9]+)" "\\2:\\1" code_kinds
  "${words}")
set(page_kinds "")
section("Slots" text)
string(REGEX MATCHALL "\n\\| [0-9, ]+ \\| [A-Z_, ]+ \\|" lines "${text}")
foreach(line IN LISTS lines)
  string(REGEX MATCH "\\| ([0-9, ]+) \\| ([A-Z_, ]+) \\|" ignored "${line}")
  string(REPLACE ", " ";" numbers "${CMAKE_MATCH_1}")
  string(REPLACE ", " ";" names "${CMAKE_MATCH_2}")
  foreach(number name IN ZIP_LISTS numbers names)
    list(APPEND page_kinds "${number}:${name}")
  endforeach()
endforeach()
compare("the kinds of records" code_kinds page_kinds)

# How a case ends: "0 unknown, 1 passed, ...".
string(REGEX MATCHALL "HBTEST_CASE_[A-Z]+ = [0-9]+" words "${code}")
string(REGEX REPLACE "HBTEST_CASE_([A-Z]+) = ([0-9]+)" "\\2 \\1" words
  "${words}")
string(REPLACE ";" ", " words "${words}")
string(TOLOWER "${words}" words)
string(FIND "${page}" "| CASE_END | ${words} |" at)
if(at EQUAL -1)
  finding("docs/protocol.md: CASE_END does not say '${words}'")
endif()
finish("protocol")
