# ThreadSanitizer. What it adds to the code misleads gcc's own warnings, so
# those are no errors here; clang's can be.
set(HBTEST_WERROR OFF CACHE BOOL "")
include(${CMAKE_CURRENT_LIST_DIR}/dev.cmake)
set(HBTEST_SANITIZE "thread" CACHE STRING "")
