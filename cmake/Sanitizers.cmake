# NETRUN_LLM_SANITIZE applies to our own targets only; empty, this target carries nothing.
add_library(netrun_llm_sanitizers INTERFACE)

if(NETRUN_LLM_SANITIZE)
  list(JOIN NETRUN_LLM_SANITIZE "," sanitizers)
  target_compile_options(netrun_llm_sanitizers INTERFACE
    -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(netrun_llm_sanitizers INTERFACE -fsanitize=${sanitizers})
endif()
