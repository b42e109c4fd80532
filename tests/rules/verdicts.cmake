# docs/verdicts.md has every verdict and every cause of core/names.c in its
# first table, and no others; the schema has the same verdicts.
cmake_minimum_required(VERSION 3.21)

# words_of(TABLE out): the names in one table of names.c.
function(words_of table out_words)
  file(READ ${ROOT}/launcher/core/names.c code)
  if(NOT code MATCHES "${table}\\[HB_[A-Z_]+\\] = {([^}]*)}")
    message(FATAL_ERROR "launcher/core/names.c has no table '${table}'")
  endif()
  string(REGEX MATCHALL "\"[a-z-]+\"" words "${CMAKE_MATCH_1}")
  string(REPLACE "\"" "" words "${words}")
  list(SORT words)
  set(${out_words} "${words}" PARENT_SCOPE)
endfunction()

# column_of(N out): the `words` in column N of the first table of the page.
function(column_of number out_words)
  file(STRINGS ${ROOT}/docs/verdicts.md lines REGEX "^\\| `")
  set(words "")
  foreach(line IN LISTS lines)
    if(NOT line MATCHES "^\\|([^|]*)\\|([^|]*)\\|([^|]*)\\|([^|]*)\\|$")
      continue() # another table
    endif()
    string(REGEX MATCHALL "`[a-z-]+`" found "${CMAKE_MATCH_${number}}")
    list(APPEND words ${found})
  endforeach()
  string(REPLACE "`" "" words "${words}")
  list(SORT words)
  set(${out_words} "${words}" PARENT_SCOPE)
endfunction()

function(compare what code page)
  if(NOT code STREQUAL page)
    message(FATAL_ERROR "${what} differ:\n  code: ${code}\n  page: ${page}")
  endif()
endfunction()

words_of(verdicts verdicts)
column_of(1 page_verdicts)
compare(verdicts "${verdicts}" "${page_verdicts}")

words_of(causes causes)
column_of(3 page_causes)
compare(causes "${causes}" "${page_causes}")

file(READ ${ROOT}/docs/schema/result.v1.json schema)
string(JSON enum GET "${schema}" properties verdict enum)
string(REGEX MATCHALL "\"[a-z-]+\"" schema_verdicts "${enum}")
string(REPLACE "\"" "" schema_verdicts "${schema_verdicts}")
list(SORT schema_verdicts)
compare("verdicts in the schema" "${verdicts}" "${schema_verdicts}")
