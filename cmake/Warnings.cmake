# Linked PRIVATE by our programs. Libraries take the flags with netrun_llm_developer_flags() instead:
# the private dependencies of a static library would turn up in the exported package.
add_library(netrun_llm_warnings INTERFACE)

target_compile_options(netrun_llm_warnings INTERFACE
  -Wall
  -Wextra
  -Wpedantic
  -Wshadow
  -Wconversion
  -Wsign-conversion
  -Wdouble-promotion
  -Wold-style-cast
  -Wcast-align
  -Wcast-qual
  -Wformat=2
  -Wimplicit-fallthrough
  -Wnon-virtual-dtor
  -Woverloaded-virtual
  -Wextra-semi
  -Wundef
  -Wunused)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(netrun_llm_warnings INTERFACE
    -Wduplicated-branches
    -Wduplicated-cond
    -Wlogical-op
    -Wnull-dereference
    -Wsuggest-override
    # "text" + std::string is enough to set it off in g++ 12 (GCC bug 105651).
    $<$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>:-Wno-restrict>)
endif()

if(NETRUN_LLM_WERROR)
  target_compile_options(netrun_llm_warnings INTERFACE -Werror)
endif()

function(netrun_llm_developer_flags target)
  foreach(flags IN ITEMS netrun_llm_warnings netrun_llm_sanitizers)
    target_compile_options(${target}
      PRIVATE $<TARGET_PROPERTY:${flags},INTERFACE_COMPILE_OPTIONS>)
    target_link_options(${target} PRIVATE $<TARGET_PROPERTY:${flags},INTERFACE_LINK_OPTIONS>)
  endforeach()
endfunction()
