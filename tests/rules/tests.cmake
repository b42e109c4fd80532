# Tree, documents and code agree. A rule is a script of CMake's own.
function(hb_rule name)
  add_test(NAME rule_${name} COMMAND ${CMAKE_COMMAND}
    -DROOT=${PROJECT_SOURCE_DIR} -DSCRATCH=${CMAKE_CURRENT_BINARY_DIR} ${ARGN}
    -P ${CMAKE_CURRENT_SOURCE_DIR}/rules/${name}.cmake)
  set_tests_properties(rule_${name} PROPERTIES LABELS rules TIMEOUT 120)
endfunction()

hb_rule(includes)
hb_rule(sizes)
hb_rule(words)
hb_rule(options)
hb_rule(fields)
hb_rule(verdicts)
hb_rule(protocol)
hb_rule(hosts)
hb_rule(listing)
hb_rule(statuses)
hb_rule(selftest)

# Each public header compiles alone, as C11 and, where there is a C++
# compiler, as C++11, without a warning. GoogleTest's own headers want C++14.
function(hb_header name language)
  set(target header_${name}_${language})
  add_library(${target} OBJECT rules/header.${language})
  target_compile_definitions(${target} PRIVATE HB_HEADER=<hbtest/${name}.h>
    $<$<STREQUAL:${name},cmocka>:HB_AFTER_CMOCKA>)
  target_link_libraries(${target} PRIVATE hbtest::hbtest hb_common ${ARGN})
  if(NOT MSVC)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  set_target_properties(${target} PROPERTIES
    CXX_STANDARD 11 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
endfunction()
foreach(language c cc)
  if(language STREQUAL c OR CMAKE_CXX_COMPILER)
    hb_header(hbtest ${language})
    hb_header(protocol ${language})
    hb_header(cmocka ${language} cmocka::cmocka)
  endif()
endforeach()
if(TARGET gtest_sample) # there are a compiler and GoogleTest's sources
  hb_header(gtest cc)
  set_target_properties(header_gtest_cc PROPERTIES CXX_STANDARD 14)
  target_include_directories(header_gtest_cc SYSTEM PRIVATE
    ${HBTEST_GOOGLETEST}/include)
endif()
