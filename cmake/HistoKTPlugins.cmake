# SPDX-License-Identifier: MIT
# histokt_add_plugin(KIND NAME SOURCES a.cpp ... [LINK lib ...])
#
# Builds histokt-KIND-NAME.so, KIND being dataset, model, optimizer or distiller, with all symbols hidden but
# the descriptor. Models and optimizers are linked with libtorch and the SDK's base classes.
# Datasets and distillers may be written in C alone: the project then need not enable C++.
# The same function serves plugins of the project and plugins built elsewhere against the installed SDK.
function(histokt_add_plugin kind name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT kind MATCHES "^(dataset|model|optimizer|distiller)$")
    message(FATAL_ERROR "histokt_add_plugin: \"${kind}\" is not a kind; use dataset, model, optimizer or distiller")
  endif()
  set(target histokt-${kind}-${name})
  set(exports "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/histokt-plugin.map")
  add_library(${target} MODULE ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${target} SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON LINK_DEPENDS "${exports}")
  if(CMAKE_CXX_COMPILER_LOADED)
    target_compile_features(${target} PRIVATE cxx_std_20)
  endif()
  if(CMAKE_C_COMPILER_LOADED)
    target_compile_features(${target} PRIVATE c_std_11)
  endif()
  target_link_options(${target} PRIVATE "LINKER:--version-script=${exports}")
  target_link_libraries(${target} PRIVATE HistoKT::sdk ${ARG_LINK})
  if(kind MATCHES "^(model|optimizer)$")
    target_link_libraries(${target} PRIVATE HistoKT::torch)
  endif()
  set_property(GLOBAL APPEND PROPERTY HISTOKT_PLUGIN_TARGETS ${target})
  if(PROJECT_NAME STREQUAL "HistoKT")
    target_link_libraries(${target} PRIVATE histokt_warnings)
    set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/histokt/plugins"
      INSTALL_RPATH "$ORIGIN/../..")
    install(TARGETS ${target} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/histokt/plugins)
  endif()
endfunction()
