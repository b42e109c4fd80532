# gcov counters: build, run ctest, then gcov or lcov on the build folder.
include(${CMAKE_CURRENT_LIST_DIR}/dev.cmake)
set(CMAKE_BUILD_TYPE Debug CACHE STRING "" FORCE)
set(CMAKE_C_FLAGS "--coverage" CACHE STRING "")
set(CMAKE_EXE_LINKER_FLAGS "--coverage" CACHE STRING "")
set(HBTEST_STATIC OFF CACHE BOOL "")
