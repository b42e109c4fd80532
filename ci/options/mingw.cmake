# Cross build for Windows x86-64 with MinGW-w64; programs run under Wine.
# cJSON and cmocka are those that ci/deps/windows makes; from another folder:
# -DCMAKE_PREFIX_PATH=DIR.
include(${CMAKE_CURRENT_LIST_DIR}/dev.cmake)
cmake_path(SET HB_CHECKOUT NORMALIZE ${CMAKE_CURRENT_LIST_DIR}/../..)
set(CMAKE_TOOLCHAIN_FILE ${HB_CHECKOUT}ci/cmake/MinGW.cmake CACHE FILEPATH "")
set(CMAKE_PREFIX_PATH ${HB_CHECKOUT}build-deps/windows/prefix CACHE STRING "")
set(CMAKE_CROSSCOMPILING_EMULATOR ${HB_CHECKOUT}ci/wine CACHE STRING "")

# No DLL of the compiler's beside the programs.
set(CMAKE_EXE_LINKER_FLAGS "-static" CACHE STRING "")
