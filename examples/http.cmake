# What examples and tests share: the chat client over libcurl (netrun_llm_chat) and the local
# provider (netrun_llm_local_provider), each when what it needs is there. Says in
# NETRUN_LLM_HTTP_LACKS what both together lack.
include("${PROJECT_SOURCE_DIR}/cmake/Httplib.cmake")
find_package(CURL QUIET)
find_package(nlohmann_json 3.11 QUIET)

set(NETRUN_LLM_HTTP_LACKS "")
if(NOT CURL_FOUND)
  list(APPEND NETRUN_LLM_HTTP_LACKS libcurl4-openssl-dev)
endif()
if(NOT TARGET netrun_llm_httplib)
  list(APPEND NETRUN_LLM_HTTP_LACKS libcpp-httplib-dev)
endif()
if(NOT nlohmann_json_FOUND)
  list(APPEND NETRUN_LLM_HTTP_LACKS nlohmann-json3-dev)
endif()
list(JOIN NETRUN_LLM_HTTP_LACKS " " NETRUN_LLM_HTTP_LACKS)

function(netrun_llm_http_part name)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${name}/*.cpp")
  add_library(netrun_llm_${name} STATIC EXCLUDE_FROM_ALL ${sources})
  target_include_directories(netrun_llm_${name} PUBLIC "${CMAKE_CURRENT_FUNCTION_LIST_DIR}")
  set_target_properties(netrun_llm_${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_link_libraries(netrun_llm_${name}
    PUBLIC ${ARGN}
    PRIVATE nlohmann_json::nlohmann_json netrun_llm_warnings netrun_llm_sanitizers)
endfunction()

if(CURL_FOUND AND nlohmann_json_FOUND AND NOT TARGET netrun_llm_chat)
  netrun_llm_http_part(chat netrun::llm)
  target_link_libraries(netrun_llm_chat PRIVATE CURL::libcurl)
endif()
if(TARGET netrun_llm_httplib AND nlohmann_json_FOUND AND NOT TARGET netrun_llm_local_provider)
  netrun_llm_http_part(local_provider)
  target_compile_features(netrun_llm_local_provider PUBLIC cxx_std_20)
  target_link_libraries(netrun_llm_local_provider PRIVATE netrun_llm_httplib)
endif()
