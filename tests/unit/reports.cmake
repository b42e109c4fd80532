# The reports: what they say, and what others say of it. Golden files are
# compared by the tests of the writers, so what holds for them holds for what
# is written.
add_library(hb_samples STATIC
  fakes/samples.c fakes/sample_runs.c fakes/sample_stacks.c
  fakes/observations.c fakes/random.c fakes/same_found.c fakes/machines.c
  fakes/example_observations.c
  golden/golden.c)
target_include_directories(hb_samples PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_compile_definitions(hb_samples PRIVATE
  HB_GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden")
target_link_libraries(hb_samples PUBLIC hb_report
  PRIVATE hb_common cmocka::cmocka)

hb_test(unit/test_json.c hb_samples hb_report hb_cjson)
hb_test(unit/test_junit.c hb_samples hb_report)
hb_test(unit/test_timeline.c hb_samples hb_report)
hb_test(unit/test_timeline_hostile.c hb_samples hb_report)
hb_test(unit/test_replay_bytes.c hb_samples hb_report)
hb_test(unit/test_record_cases.c hb_samples hb_report)
hb_test(unit/test_stack_text.c hb_samples hb_report)
hb_test(unit/test_past.c hb_report)
hb_test(unit/test_console.c hb_samples hb_report)
hb_test(unit/test_github.c hb_samples hb_report)

# hb_skip(name "why"): a test that says why it is not run here.
function(hb_skip name why)
  add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "skipped: ${why}")
  set_tests_properties(${name} PROPERTIES LABELS unit
    SKIP_REGULAR_EXPRESSION "^skipped: ")
endfunction()

set(golden ${PROJECT_SOURCE_DIR}/tests/golden)
set(schemas ${PROJECT_SOURCE_DIR}/docs/schema)
file(GLOB golden_json CONFIGURE_DEPENDS ${golden}/*.json
  ${golden}/replay/*.json)
file(GLOB golden_jsonl CONFIGURE_DEPENDS ${golden}/*.jsonl
  ${golden}/replay/*.jsonl)
file(GLOB golden_strict CONFIGURE_DEPENDS ${golden}/*.strict.xml)
file(GLOB golden_xml CONFIGURE_DEPENDS ${golden}/*.xml)

# A system's own Python has the system's packages; another may come first.
find_program(HB_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(HB_PYTHON NAMES python3 python)
if(HB_PYTHON)
  set(validate ${HB_PYTHON} ${PROJECT_SOURCE_DIR}/tests/validate.py)
  add_test(NAME schema_result
    COMMAND ${validate} ${schemas}/result.v1.json ${golden_json})
  add_test(NAME schema_timeline
    COMMAND ${validate} ${schemas}/timeline.v1.json ${golden_jsonl})
  add_test(NAME schema_can_fail
    COMMAND ${validate} ${schemas}/result.v1.json ${golden_jsonl})
  set_tests_properties(schema_can_fail PROPERTIES WILL_FAIL ON)
  set_tests_properties(schema_result schema_timeline schema_can_fail PROPERTIES
    LABELS unit TIMEOUT 60 SKIP_RETURN_CODE 77)
else()
  hb_skip(schema_result "no Python to validate with")
endif()

# The schema of Jenkins is not ours to ship.
set(HBTEST_SHARED_DATA "${PROJECT_SOURCE_DIR}/../shared/data" CACHE PATH
  "Folder that holds jenkins-junit-10.xsd, for a test")
set(jenkins ${HBTEST_SHARED_DATA}/jenkins-junit-10.xsd)
find_program(HB_XMLLINT xmllint)
if(HB_XMLLINT AND EXISTS ${jenkins})
  add_test(NAME junit_strict
    COMMAND ${HB_XMLLINT} --noout --schema ${jenkins} ${golden_strict})
else()
  hb_skip(junit_strict "xmllint or ${jenkins} is not there")
endif()
if(HB_XMLLINT)
  add_test(NAME junit_well_formed COMMAND ${HB_XMLLINT} --noout ${golden_xml})
else()
  hb_skip(junit_well_formed "xmllint is not there")
endif()
set_tests_properties(junit_strict junit_well_formed PROPERTIES
  LABELS unit TIMEOUT 60)
