# Stacks of living programs and of cores, told by the real helper, and the
# program that they are of.
add_library(stack_desk STATIC postmortem/linux/stack_desk.c postmortem/told.c)
target_include_directories(stack_desk PUBLIC
  ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_CURRENT_LIST_DIR}/..)
target_compile_definitions(stack_desk PRIVATE
  POSTMORTEM_PATH="$<TARGET_FILE:hbtest-postmortem>")
target_link_libraries(stack_desk PUBLIC os_support hb_os hb_cjson
  PRIVATE hb_common hb_system cmocka::cmocka)
add_dependencies(stack_desk hbtest-postmortem)

# What it is compiled with must not depend on how the tests are.
function(stack_target name)
  add_executable(${name} postmortem/linux/stack_target.c)
  target_compile_options(${name} PRIVATE -g -UNDEBUG ${ARGN})
  target_link_libraries(${name} PRIVATE hb_system Threads::Threads)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
endfunction()
stack_target(stack_target -O2)

function(hb_stack_test name)
  hb_test(postmortem/linux/${name}.c stack_desk hb_system ${ARGN})
  target_compile_definitions(${name} PRIVATE
    STACK_TARGET_PATH="$<TARGET_FILE:stack_target>")
  set_tests_properties(${name} PROPERTIES LABELS os)
  add_dependencies(${name} stack_target)
endfunction()

hb_stack_test(test_stacks)
