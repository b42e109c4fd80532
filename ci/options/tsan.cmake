# ThreadSanitizer.
include(${CMAKE_CURRENT_LIST_DIR}/dev.cmake)
set(HBTEST_SANITIZE "thread" CACHE STRING "")
