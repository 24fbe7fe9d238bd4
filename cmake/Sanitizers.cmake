# NETRUN_LLM_SANITIZE applies to our own targets only; empty, this target carries nothing.
add_library(netrun_llm_sanitizers INTERFACE)

if(NETRUN_LLM_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "NETRUN_LLM_FUZZ needs libFuzzer, which clang brings; "
      "this is ${CMAKE_CXX_COMPILER_ID}")
  endif()
  # The library tells the fuzzer where it has been; its main function is linked by the targets only.
  set(NETRUN_LLM_SANITIZE fuzzer-no-link address undefined)
endif()

if(NETRUN_LLM_SANITIZE)
  list(JOIN NETRUN_LLM_SANITIZE "," sanitizers)
  target_compile_options(netrun_llm_sanitizers INTERFACE
    -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(netrun_llm_sanitizers INTERFACE -fsanitize=${sanitizers})
endif()
