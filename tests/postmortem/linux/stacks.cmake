# Stacks of living programs and of cores, told by the real helper, and the
# program that they are of.
add_library(stack_desk STATIC postmortem/linux/stack_desk.c postmortem/told.c)
target_include_directories(stack_desk PUBLIC
  ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_CURRENT_LIST_DIR}/..)
target_compile_definitions(stack_desk PUBLIC
  POSTMORTEM_PATH="$<TARGET_FILE:hbtest-postmortem>")
target_link_libraries(stack_desk PUBLIC os_support hb_os hb_cjson
  PRIVATE hb_common hb_system cmocka::cmocka)
add_dependencies(stack_desk hbtest-postmortem)

# What it is compiled with must not depend on how the tests are.
function(stack_target name)
  add_executable(${name} postmortem/linux/stack_target.c)
  target_compile_options(${name} PRIVATE -g ${ARGN})
  target_link_libraries(${name} PRIVATE hb_system Threads::Threads)
endfunction()
stack_target(stack_target -O2 -fPIE)
target_link_options(stack_target PRIVATE -pie)
stack_target(stack_target_plain -O0 -fPIE)
target_link_options(stack_target_plain PRIVATE -pie)
stack_target(stack_target_fixed -O2 -fomit-frame-pointer -fno-pie)
target_link_options(stack_target_fixed PRIVATE -no-pie)
stack_target(stack_target_static -O2 -fno-pie)
target_link_options(stack_target_static PRIVATE -static)
stack_target(stack_target_asan -O1 -fPIE -fsanitize=address)
target_link_options(stack_target_asan PRIVATE -pie -fsanitize=address)
set(stack_builds stack_target stack_target_plain stack_target_fixed
  stack_target_static stack_target_asan)

if(CMAKE_CXX_COMPILER)
  add_executable(stack_target_cxx postmortem/linux/stack_target_cxx.cc)
  target_compile_options(stack_target_cxx PRIVATE -g -O2)
  set_target_properties(stack_target_cxx PROPERTIES CXX_STANDARD 14)
  list(APPEND stack_builds stack_target_cxx)
endif()

# The same without symbols, with them in a file beside it, and by clang, which
# does not list the addresses of its units.
set(stack_made ${CMAKE_CURRENT_BINARY_DIR}/stack_made)
add_custom_command(OUTPUT ${stack_made}/stripped ${stack_made}/apart
    ${stack_made}/.debug/apart.debug
  COMMAND ${CMAKE_COMMAND} -E make_directory ${stack_made}/.debug
  COMMAND ${CMAKE_OBJCOPY} --strip-all $<TARGET_FILE:stack_target>
    ${stack_made}/stripped
  COMMAND ${CMAKE_OBJCOPY} --only-keep-debug $<TARGET_FILE:stack_target>
    ${stack_made}/.debug/apart.debug
  COMMAND ${CMAKE_OBJCOPY} --strip-all
    --add-gnu-debuglink=${stack_made}/.debug/apart.debug
    $<TARGET_FILE:stack_target> ${stack_made}/apart
  DEPENDS stack_target VERBATIM)
set(stack_files ${stack_made}/stripped ${stack_made}/apart)
find_program(HB_CLANG clang)
if(HB_CLANG)
  add_custom_command(OUTPUT ${stack_made}/clang
    COMMAND ${CMAKE_COMMAND} -E make_directory ${stack_made}
    COMMAND ${HB_CLANG} -std=c11 -D_GNU_SOURCE -O2 -g -pthread -Wno-unknown-attributes
      ${CMAKE_CURRENT_SOURCE_DIR}/postmortem/linux/stack_target.c
      -o ${stack_made}/clang
    DEPENDS postmortem/linux/stack_target.c VERBATIM)
  list(APPEND stack_files ${stack_made}/clang)
endif()
add_custom_target(stack_files DEPENDS ${stack_files})

function(hb_stack_test name)
  hb_test(postmortem/linux/${name}.c stack_desk hb_system ${ARGN})
  target_compile_definitions(${name} PRIVATE
    STACK_MADE="${stack_made}" STACK_HAS_CLANG=$<BOOL:${HB_CLANG}>)
  if(NOT CMAKE_CXX_COMPILER)
    target_compile_definitions(${name} PRIVATE STACK_TARGET_CXX_PATH=NULL)
  endif()
  foreach(build IN LISTS stack_builds)
    string(TOUPPER ${build} upper)
    target_compile_definitions(${name} PRIVATE
      ${upper}_PATH="$<TARGET_FILE:${build}>")
  endforeach()
  set_tests_properties(${name} PROPERTIES LABELS "os;slow;evidence")
  add_dependencies(${name} ${stack_builds} stack_files)
endfunction()

hb_stack_test(test_stacks)
hb_stack_test(test_stacks_builds)
hb_stack_test(test_stacks_hostile)
hb_stack_test(test_stacks_core)
hb_stack_test(test_stacks_dump)
hb_stack_test(test_stacks_killed)
