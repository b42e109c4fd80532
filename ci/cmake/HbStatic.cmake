# hb_link_static(target): links the target without shared libraries if the
# system has what that takes; otherwise says so and leaves it as it is. One
# exec of a static program costs half of a dynamic one.
include(CheckCSourceCompiles)

function(hb_link_static target)
  if(WIN32)
    if(NOT MSVC)
      target_link_options(${target} PRIVATE -static)
    endif()
    return()
  endif()
  set(CMAKE_REQUIRED_LINK_OPTIONS -static)
  get_target_property(json hb_cjson INTERFACE_LINK_LIBRARIES)
  get_target_property(include hb_cjson INTERFACE_INCLUDE_DIRECTORIES)
  set(CMAKE_REQUIRED_LIBRARIES ${json})
  if(include)
    set(CMAKE_REQUIRED_INCLUDES ${include})
  endif()
  check_c_source_compiles(
    "#include <cjson/cJSON.h>
     int main(void) { cJSON_Delete(cJSON_CreateObject()); return 0; }"
    HB_CAN_LINK_STATIC)
  if(HB_CAN_LINK_STATIC)
    target_link_options(${target} PRIVATE -static)
  else()
    message(STATUS "hbtest: ${target} is linked dynamically "
      "(no static cJSON or C library found)")
  endif()
endfunction()
