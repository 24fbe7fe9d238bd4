# Asio without Boost, for tests and examples only: makes netrun_llm_asio when asio.hpp is there.
find_path(NETRUN_LLM_ASIO_DIRECTORY asio.hpp DOC "Where asio.hpp is (apt install libasio-dev)")
mark_as_advanced(NETRUN_LLM_ASIO_DIRECTORY)

if(NETRUN_LLM_ASIO_DIRECTORY AND NOT TARGET netrun_llm_asio)
  add_library(netrun_llm_asio INTERFACE)
  target_include_directories(netrun_llm_asio SYSTEM INTERFACE "${NETRUN_LLM_ASIO_DIRECTORY}")
  # Older versions of Asio (that of Debian 12 is one) do not know that clang has coroutines.
  target_compile_definitions(netrun_llm_asio INTERFACE
    ASIO_STANDALONE
    $<$<CXX_COMPILER_ID:Clang,AppleClang>:ASIO_HAS_CO_AWAIT=1>)
  target_link_libraries(netrun_llm_asio INTERFACE Threads::Threads)
endif()
