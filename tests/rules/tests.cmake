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
hb_rule(selftest)
