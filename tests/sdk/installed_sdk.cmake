# SPDX-License-Identifier: MIT
# What the tests of the SDK as installed share.

# The installed host, and the folder in which the plugin of a test is built.
set(host ${WORK}/prefix/bin/histokt-host)
set(build ${WORK}/build-${NAME})
set(ENV{XDG_CACHE_HOME} ${build}/cache)

# Runs a command; its output is in `output`.
function(must_run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nexit ${code}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# The same for a command that must end with `wanted` and say `text`.
function(must_refuse wanted text)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(FIND "${output}" "${text}" at)
  if(NOT code EQUAL ${wanted} OR at EQUAL -1)
    message(FATAL_ERROR "${ARGN}\nexit ${code}, expected ${wanted} and \"${text}\"\n${output}")
  endif()
endfunction()

# Builds the plugin in SOURCE out of tree against the installed SDK alone, with the compilers and flags given in
# OPTIONS, and has the installed host list it as `title` beside its own.
function(build_plugin title)
  file(REMOVE_RECURSE "${build}")
  must_run(${CMAKE_COMMAND} -S ${SOURCE} -B ${build} -G Ninja -DCMAKE_PREFIX_PATH=${WORK}/prefix ${OPTIONS})
  must_run(${CMAKE_COMMAND} --build ${build})
  must_run(${host} --plugins ${build} plugins list)
  if(NOT output MATCHES "${title}")
    message(FATAL_ERROR "the host does not list the plugin:\n${output}")
  endif()
  if(NOT output MATCHES "dataset folder")
    message(FATAL_ERROR "the installed host does not find its own plugins:\n${output}")
  endif()
endfunction()
