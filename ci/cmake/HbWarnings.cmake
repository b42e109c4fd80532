# hb_common: what every target of ours shares. Link it PRIVATE; it is never
# installed.
add_library(hb_common INTERFACE)
target_include_directories(hb_common INTERFACE
  ${PROJECT_SOURCE_DIR}/launcher ${PROJECT_SOURCE_DIR}/fixtures/include)
target_compile_definitions(hb_common INTERFACE
  HBTEST_VERSION="${PROJECT_VERSION}")
if(MSVC)
  target_compile_options(hb_common INTERFACE /W4 /utf-8)
  if(HBTEST_WERROR)
    target_compile_options(hb_common INTERFACE /WX)
  endif()
else()
  target_compile_options(hb_common INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wformat=2
    $<$<COMPILE_LANGUAGE:C>:-Wconversion -Wvla -Wstrict-prototypes
    -Wmissing-prototypes>)
  if(HBTEST_WERROR)
    target_compile_options(hb_common INTERFACE -Werror)
  endif()
endif()
if(HBTEST_SANITIZE)
  target_compile_options(hb_common INTERFACE
    -fsanitize=${HBTEST_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(hb_common INTERFACE -fsanitize=${HBTEST_SANITIZE})
endif()
