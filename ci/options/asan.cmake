# AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer.
include(${CMAKE_CURRENT_LIST_DIR}/dev.cmake)
set(HBTEST_SANITIZE "address,undefined" CACHE STRING "")
