# What the tests of the SDK as installed share.

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
