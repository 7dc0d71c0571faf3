# SPDX-License-Identifier: MIT
# Builds the dataset plugin in SOURCE and has the installed host list, check and use it. install_sdk.cmake runs before.
include(${CMAKE_CURRENT_LIST_DIR}/installed_sdk.cmake)

set(data ${WORK}/data)
set(trial --set split.allow_few_groups=true)  # a handful of images
build_plugin("dataset our-slides")

must_run(${host} plugins check ${build}/histokt-dataset-our-slides.so --root ${data})
if(NOT output MATCHES "6 images of 2 classes" OR output MATCHES "warning")
  message(FATAL_ERROR "the plugin is not sound:\n${output}")
endif()

must_run(${host} --plugins ${build} standardize --dataset our-slides --root ${data} --output ${build}/our.h5 ${trial})
if(NOT output MATCHES "patches of 6 images")
  message(FATAL_ERROR "standardising did not read the plugin's 6 images:\n${output}")
endif()

# An error of the plugin's own crosses the boundary in words.
file(MAKE_DIRECTORY ${build}/bad)
file(WRITE ${build}/bad/labels.csv "name,patient,diagnosis\n1.png,patient 1,unknown\n")
must_refuse(1 "is neither benign nor malignant"
  ${host} --plugins ${build} standardize --dataset our-slides --root ${build}/bad --output ${build}/bad.h5 ${trial})
file(MAKE_DIRECTORY ${build}/empty)
must_refuse(2 "labels.csv"
  ${host} --plugins ${build} standardize --dataset our-slides --root ${build}/empty --output ${build}/bad.h5 ${trial})
