# cmake -C ci/options/dev.cmake -B build: for working on hbtest.
set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "")
set(HBTEST_TESTS ON CACHE BOOL "")
set(HBTEST_WERROR ON CACHE BOOL "")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON CACHE BOOL "")
