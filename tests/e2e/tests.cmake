include(e2e/package.cmake) # the CMake package, test suites of others
