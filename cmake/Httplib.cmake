# cpp-httplib for tests and examples only: makes netrun_llm_httplib when it is there. Debian's is
# compiled, and its header must be read with the macros that it was compiled with; those are in its
# .pc file. Include httplib.h in as few files as can be.
if(NOT TARGET netrun_llm_httplib)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(netrun_llm_httplib_pc QUIET IMPORTED_TARGET cpp-httplib)
  endif()
  if(TARGET PkgConfig::netrun_llm_httplib_pc)
    set(httplib PkgConfig::netrun_llm_httplib_pc)
  else()
    find_package(httplib CONFIG QUIET)
    set(httplib httplib::httplib)
  endif()
  if(TARGET ${httplib})
    add_library(netrun_llm_httplib INTERFACE)
    target_link_libraries(netrun_llm_httplib INTERFACE ${httplib} Threads::Threads)
  endif()
endif()
