# SPDX-License-Identifier: MIT
# Builds the distiller `median` in SOURCE and has the installed host check it and merge with it. install_sdk.cmake runs
# before.
include(${CMAKE_CURRENT_LIST_DIR}/installed_sdk.cmake)
build_plugin("distiller median")

must_run(ldd ${build}/histokt-distiller-median.so)
if(output MATCHES "torch|c10|opencv")
  message(FATAL_ERROR "the plugin needs more than the SDK:\n${output}")
endif()
must_run(${host} plugins check ${build}/histokt-distiller-median.so)
if(NOT output MATCHES "sound" OR output MATCHES "warning")
  message(FATAL_ERROR "the plugin is not sound:\n${output}")
endif()

# A network of one weight: two float32, their bytes as printf takes them.
set(header "{\"conv1.weight\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}")
string(LENGTH "${header}" length)
math(EXPR length "${length}" OUTPUT_FORMAT HEXADECIMAL)
string(REPLACE "0x" "\\x" length "${length}")
function(write_network name entries)
  execute_process(COMMAND printf "${length}\\0\\0\\0\\0\\0\\0\\0${header}${entries}"
    OUTPUT_FILE ${build}/${name}.safetensors COMMAND_ERROR_IS_FATAL ANY)
endfunction()
set(one "\\0\\0\\x80\\x3f")
set(two "\\0\\0\\0\\x40")
set(hundred "\\0\\0\\xc8\\x42")
write_network(a "${one}${hundred}")
write_network(b "${two}${two}")
write_network(c "${hundred}${one}")

# merged_to(BYTES WORD...): merges what the words say, and looks at the last bytes of the result.
function(merged_to wanted)
  set(merged ${build}/merged.safetensors)
  must_run(${host} --plugins ${build} distill --distiller median --output ${merged} ${ARGN})
  file(READ ${merged} bytes HEX)
  if(NOT bytes MATCHES "${wanted}$")
    message(FATAL_ERROR "${ARGN}: expected a network that ends in ${wanted}, found ${bytes}")
  endif()
endfunction()
set(a ${build}/a.safetensors)
set(b ${build}/b.safetensors)
set(c ${build}/c.safetensors)
merged_to(0000004000000040 ${a} ${b} ${c})                                # 2, 2
merged_to(0000c03f00004c42 ${a} ${b})                                     # 1.5, 51
merged_to(0000803f00000040 --set distiller.lower=true ${a} ${b})          # 1, 2
must_refuse(2 "Did you mean \"lower\""
  ${host} --plugins ${build} distill --distiller median --output ${build}/x.safetensors --set distiller.lowr=true ${a} ${b})
