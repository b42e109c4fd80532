# Processes that are stopped and read, and the program that is it.
add_executable(target_child postmortem/linux/target_child.c)
target_link_libraries(target_child PRIVATE hb_common hb_system hb_base
  Threads::Threads)

add_library(target_desk STATIC postmortem/linux/target_desk.c)
target_include_directories(target_desk PUBLIC ${CMAKE_CURRENT_LIST_DIR})
target_compile_definitions(target_desk PRIVATE
  TARGET_CHILD_PATH="$<TARGET_FILE:target_child>")
target_link_libraries(target_desk PUBLIC hb_postmortem os_support
  PRIVATE hb_common hb_system cmocka::cmocka)
add_dependencies(target_desk target_child)

# hb_target_test(test_maps): of this folder, with a target at hand.
function(hb_target_test name)
  hb_test(postmortem/linux/${name}.c target_desk hb_system ${ARGN})
  set_tests_properties(${name} PROPERTIES LABELS os)
endfunction()

hb_target_test(test_postmortem_target)
hb_target_test(test_postmortem_signals)
hb_target_test(test_postmortem_refused)
hb_target_test(test_postmortem_maps)
