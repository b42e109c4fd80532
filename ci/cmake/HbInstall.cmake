# What `cmake --install` puts where, and the CMake package `hbtest`.
add_executable(hbtest::launch ALIAS hbtest-launch)
include(${CMAKE_CURRENT_LIST_DIR}/hbtest.cmake) # for who adds us as a folder
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()

include(CMakePackageConfigHelpers)
set(HB_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/hbtest)

# Two sets: in a cross build the library is the target's, while the launcher
# that runs there is another one.
set_target_properties(hbtest-launch PROPERTIES EXPORT_NAME launch)
install(TARGETS hbtest EXPORT hbtest-library
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS hbtest-launch EXPORT hbtest-launcher
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# Private to the launcher, so not where people look for programs.
install(TARGETS hbtest-postmortem
  RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/hbtest)
if(WIN32)
  install(TARGETS hbtest-wer
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/hbtest)
endif()
foreach(set library launcher)
  install(EXPORT hbtest-${set} FILE hbtest-${set}.cmake NAMESPACE hbtest::
    DESTINATION ${HB_PACKAGE_DIR})
endforeach()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/hbtestConfig.cmake.in
  ${PROJECT_BINARY_DIR}/hbtestConfig.cmake
  INSTALL_DESTINATION ${HB_PACKAGE_DIR})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/hbtestConfigVersion.cmake
  COMPATIBILITY SameMinorVersion) # as long as the major version is 0
install(FILES
  ${PROJECT_BINARY_DIR}/hbtestConfig.cmake
  ${PROJECT_BINARY_DIR}/hbtestConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/hbtest.cmake
  ${CMAKE_CURRENT_LIST_DIR}/hbtest-unwatched.cmake
  ${CMAKE_CURRENT_LIST_DIR}/hbtest-wrap.cmake
  DESTINATION ${HB_PACKAGE_DIR})

install(DIRECTORY ${PROJECT_SOURCE_DIR}/fixtures/include/hbtest
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
