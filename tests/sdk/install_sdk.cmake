# SPDX-License-Identifier: MIT
# Installs the project, once for all tests of the SDK as installed, and writes the small dataset they read.
include(${CMAKE_CURRENT_LIST_DIR}/installed_sdk.cmake)
file(REMOVE_RECURSE "${WORK}")
must_run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)

file(MAKE_DIRECTORY ${WORK}/data/images)
file(WRITE ${WORK}/data/labels.csv "name,patient,diagnosis\n")
foreach(i RANGE 1 6)
  file(COPY_FILE ${GOLDENS}/standardize_upscaled.png ${WORK}/data/images/${i}.png)
  math(EXPR odd "${i} % 2")
  if(odd)
    file(APPEND ${WORK}/data/labels.csv "${i}.png,patient ${i},benign\n")
  else()
    file(APPEND ${WORK}/data/labels.csv "${i}.png,patient ${i},malignant\n")
  endif()
endforeach()
