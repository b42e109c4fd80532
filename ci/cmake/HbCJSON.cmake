# Debian's cJSON package has variables and no target; newer ones have
# `cjson` or `cJSON::cJSON`. From here on there is hb_cjson.
add_library(hb_cjson INTERFACE)
if(TARGET cJSON::cJSON)
  target_link_libraries(hb_cjson INTERFACE cJSON::cJSON)
elseif(TARGET cjson)
  target_link_libraries(hb_cjson INTERFACE cjson)
else()
  target_include_directories(hb_cjson SYSTEM INTERFACE ${CJSON_INCLUDE_DIRS})
  target_link_libraries(hb_cjson INTERFACE ${CJSON_LIBRARIES})
endif()
