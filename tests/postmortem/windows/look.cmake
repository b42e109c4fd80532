# The look at a living Windows process: one program in three builds.
function(hung_program name)
  add_executable(${name} postmortem/windows/hung.c)
  target_link_libraries(${name} PRIVATE hb_common)
  target_compile_options(${name} PRIVATE ${ARGN})
endfunction()
hung_program(hung_dwarf -gdwarf-4)
hung_program(hung_stripped -g0)
target_link_options(hung_stripped PRIVATE -s)

# A PDB is made by clang and lld, with the headers and libraries of the
# compiler at hand.
find_program(HB_CLANG clang)
find_program(HB_LLD ld.lld)
set(hung_pdb "")
if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND HB_CLANG AND HB_LLD)
  set(hung_pdb ${CMAKE_CURRENT_BINARY_DIR}/hung_pdb.exe)
  execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=libgcc.a
    OUTPUT_VARIABLE libgcc OUTPUT_STRIP_TRAILING_WHITESPACE)
  cmake_path(GET libgcc PARENT_PATH libgcc)
  add_custom_command(OUTPUT ${hung_pdb}
    COMMAND ${HB_CLANG} --target=x86_64-w64-mingw32 -O1 -g -gcodeview
      -fuse-ld=lld -L${libgcc} -static
      -Wl,--pdb=${CMAKE_CURRENT_BINARY_DIR}/hung_pdb.pdb
      ${CMAKE_CURRENT_SOURCE_DIR}/postmortem/windows/hung.c -o ${hung_pdb}
    DEPENDS postmortem/windows/hung.c
    VERBATIM)
  add_custom_target(hung_pdb DEPENDS ${hung_pdb})
else()
  add_custom_target(hung_pdb)
endif()

add_library(look_desk STATIC postmortem/windows/look_desk.c)
target_include_directories(look_desk PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(look_desk PUBLIC hb_postmortem os_support
  PRIVATE hb_common cmocka::cmocka)

function(hb_look_test name)
  hb_test(postmortem/windows/${name}.c look_desk hb_system)
  target_compile_definitions(${name} PRIVATE
    HUNG_DWARF="$<TARGET_FILE:hung_dwarf>"
    HUNG_STRIPPED="$<TARGET_FILE:hung_stripped>"
    HUNG_PDB="${hung_pdb}"
    HELPER_PATH="$<TARGET_FILE:hbtest-postmortem>")
  # Wine stops the program for each read of its memory.
  set_tests_properties(${name} PROPERTIES LABELS "os;slow;evidence"
    TIMEOUT 300)
  add_dependencies(${name} hung_dwarf hung_stripped hung_pdb
    hbtest-postmortem)
endfunction()

hb_look_test(test_postmortem_look)
hb_look_test(test_postmortem_dump)
