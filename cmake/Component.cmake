# netrun_llm_component(<name>
#   SOURCES <file>...         what is compiled into lib netrun_llm[_<name>]
#   [HEADERS <file>...]       public headers below include/; each is checked to compile alone
#   [PUBLIC <target>...]      part of the interface
#   [PRIVATE <target>...]     used inside only
#   [HEADER_ONLY <target>...] used inside only and not linked: programs that use us need not have them
#   [PACKAGES <package>...]   what a program that links us must find_package() as well
#   [PC_REQUIRES <module>...] the same for pkg-config
#   [PC_LIBS <flag>...]       further linker flags for pkg-config
#   [DESCRIPTION <text>])
#
# `core` is netrun::llm, any other component netrun::llm_<name>, which links netrun::llm. Components
# are declared after those that they link.
function(netrun_llm_component name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DESCRIPTION"
    "SOURCES;HEADERS;PUBLIC;PRIVATE;HEADER_ONLY;PACKAGES;PC_REQUIRES;PC_LIBS")
  if(name STREQUAL "core")
    set(suffix "")
    set(pc_name netrun-llm)
  else()
    set(suffix "_${name}")
    set(pc_name netrun-llm-${name})
    list(PREPEND arg_PUBLIC netrun::llm)
  endif()
  set(target netrun_llm${suffix})

  add_library(${target} ${arg_SOURCES})
  add_library(netrun::llm${suffix} ALIAS ${target})
  target_sources(${target}
    PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${arg_HEADERS})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
  foreach(library IN LISTS arg_HEADER_ONLY)
    target_include_directories(${target}
      SYSTEM PRIVATE $<TARGET_PROPERTY:${library},INTERFACE_INCLUDE_DIRECTORIES>)
    target_compile_definitions(${target}
      PRIVATE $<TARGET_PROPERTY:${library},INTERFACE_COMPILE_DEFINITIONS>)
  endforeach()
  netrun_llm_developer_flags(${target})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME llm${suffix}
    POSITION_INDEPENDENT_CODE ON
    CXX_EXTENSIONS OFF
    VERSION ${PROJECT_VERSION}
    SOVERSION 0)

  # Which of our components this one stands on, for the config file and the .pc file.
  set(needs "")
  foreach(library IN LISTS arg_PUBLIC arg_PRIVATE)
    if(library STREQUAL "netrun::llm")
      list(APPEND needs core)
    elseif(library MATCHES "^netrun::llm_(.+)$")
      list(APPEND needs ${CMAKE_MATCH_1})
    endif()
  endforeach()
  set_property(GLOBAL APPEND PROPERTY NETRUN_LLM_COMPONENTS ${name})
  set_property(GLOBAL APPEND_STRING PROPERTY NETRUN_LLM_COMPONENT_FACTS
    "set(_netrun_llm_${name}_needs ${needs})\nset(_netrun_llm_${name}_packages ${arg_PACKAGES})\n")

  # The build tree is always exported, so that a project which contains us can export its own.
  export(TARGETS ${target} NAMESPACE netrun::
    FILE "${PROJECT_BINARY_DIR}/netrun-llm-${name}-targets.cmake")
  if(NETRUN_LLM_INSTALL)
    install(TARGETS ${target} EXPORT netrun-llm-${name}-targets FILE_SET HEADERS)
    install(EXPORT netrun-llm-${name}-targets NAMESPACE netrun::
      DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/netrun-llm")
    netrun_llm_pkg_config()
  endif()
endfunction()

# Reads the variables of netrun_llm_component().
macro(netrun_llm_pkg_config)
  set(pc_requires "")
  foreach(need IN LISTS needs)
    if(need STREQUAL "core")
      list(APPEND pc_requires "netrun-llm = ${PROJECT_VERSION}")
    else()
      list(APPEND pc_requires "netrun-llm-${need} = ${PROJECT_VERSION}")
    endif()
  endforeach()
  # A static library passes its dependencies on: a plain `pkg-config --libs` must name them too.
  get_target_property(library_type ${target} TYPE)
  set(pc_requires_private "")
  if(library_type STREQUAL "SHARED_LIBRARY")
    set(pc_requires_private ${arg_PC_REQUIRES})
  else()
    list(APPEND pc_requires ${arg_PC_REQUIRES})
  endif()
  list(JOIN pc_requires ", " pc_requires)
  list(JOIN pc_requires_private ", " pc_requires_private)
  list(JOIN arg_PC_LIBS " " pc_libs)

  # Relative to the .pc file, so that an installed tree can be moved; absolute directories stay.
  cmake_path(APPEND pc_directory "/" "${CMAKE_INSTALL_LIBDIR}" pkgconfig)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
    set(pc_prefix "${CMAKE_INSTALL_PREFIX}")
  else()
    file(RELATIVE_PATH pc_prefix "${pc_directory}" "/")
    string(REGEX REPLACE "/$" "" pc_prefix "\${pcfiledir}/${pc_prefix}")
  endif()
  cmake_path(APPEND pc_libdir "\${prefix}" "${CMAKE_INSTALL_LIBDIR}")
  cmake_path(APPEND pc_includedir "\${prefix}" "${CMAKE_INSTALL_INCLUDEDIR}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/netrun-llm.pc.in" "${PROJECT_BINARY_DIR}/${pc_name}.pc"
    @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${pc_name}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endmacro()

# Writes the files that find_package(netrun-llm) reads; called once, after the last component.
function(netrun_llm_package)
  include(CMakePackageConfigHelpers)
  get_property(components GLOBAL PROPERTY NETRUN_LLM_COMPONENTS)
  get_property(component_facts GLOBAL PROPERTY NETRUN_LLM_COMPONENT_FACTS)
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/netrun-llm-config.cmake.in"
    "${PROJECT_BINARY_DIR}/netrun-llm-config.cmake"
    INSTALL_DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/netrun-llm"
    NO_SET_AND_CHECK_MACRO)
  # Until 1.0 a minor version may change the interface.
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/netrun-llm-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
  if(NETRUN_LLM_INSTALL)
    install(FILES "${PROJECT_BINARY_DIR}/netrun-llm-config.cmake"
                  "${PROJECT_BINARY_DIR}/netrun-llm-config-version.cmake"
      DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/netrun-llm")
    install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
  endif()
endfunction()
