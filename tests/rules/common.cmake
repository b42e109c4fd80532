# Shared by the rules: which files there are, and how a finding is reported.
# A rule is run as `cmake -DROOT=DIR -P tests/rules/NAME.cmake`: no other
# interpreter is needed, and it is the same on every system.
if(NOT DEFINED ROOT)
  get_filename_component(ROOT "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
endif()

set(findings "")

# All C and C++ sources of a folder, relative to ROOT, sorted.
function(sources out_files)
  set(patterns "")
  foreach(folder ${ARGN})
    foreach(ending c h cc hpp)
      list(APPEND patterns "${ROOT}/${folder}/*.${ending}")
    endforeach()
  endforeach()
  file(GLOB_RECURSE files RELATIVE "${ROOT}" ${patterns})
  list(SORT files)
  set(${out_files} "${files}" PARENT_SCOPE)
endfunction()

# Notes one broken rule; a macro, so that it works from the top of a rule.
macro(finding text)
  list(APPEND findings "${text}")
endmacro()

# Fails if there was a finding; names the number of files otherwise.
macro(finish rule)
  list(LENGTH findings finding_count)
  if(finding_count)
    list(JOIN findings "\n  " finding_lines)
    message(FATAL_ERROR "${rule}: ${finding_count} found\n  ${finding_lines}")
  endif()
  message(STATUS "${rule}: nothing found in ${checked} files")
endmacro()

# The text of a C file without its comments.
function(code_of file out_code)
  file(READ "${ROOT}/${file}" rest)
  set(code "")
  while(TRUE)
    string(FIND "${rest}" "/*" open)
    if(open EQUAL -1)
      break()
    endif()
    string(SUBSTRING "${rest}" 0 ${open} before)
    string(APPEND code "${before} ")
    math(EXPR open "${open} + 2")
    string(SUBSTRING "${rest}" ${open} -1 rest)
    string(FIND "${rest}" "*/" close)
    if(close EQUAL -1)
      set(rest "")
      break()
    endif()
    math(EXPR close "${close} + 2")
    string(SUBSTRING "${rest}" ${close} -1 rest)
  endwhile()
  set(${out_code} "${code}${rest}" PARENT_SCOPE)
endfunction()
