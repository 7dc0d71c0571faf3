# Builds the dataset plugin in SOURCE out of tree against the installed SDK alone, with the compilers and flags given
# in OPTIONS, and has the installed host list, check and use it. install_sdk.cmake runs before.
include(${CMAKE_CURRENT_LIST_DIR}/installed_sdk.cmake)

set(host ${WORK}/prefix/bin/histokt-host)
set(build ${WORK}/build-${NAME})
set(data ${WORK}/data)
set(trial --set split.allow_few_groups=true)  # a handful of pictures
set(ENV{XDG_CACHE_HOME} ${build}/cache)
file(REMOVE_RECURSE "${build}")
must_run(${CMAKE_COMMAND} -S ${SOURCE} -B ${build} -G Ninja -DCMAKE_PREFIX_PATH=${WORK}/prefix ${OPTIONS})
must_run(${CMAKE_COMMAND} --build ${build})

must_run(${host} --plugins ${build} plugins list)
if(NOT output MATCHES "dataset our-slides")
  message(FATAL_ERROR "the host does not list the plugin:\n${output}")
endif()
if(NOT output MATCHES "dataset folder")
  message(FATAL_ERROR "the installed host does not find its own plugins:\n${output}")
endif()

must_run(${host} plugins check ${build}/histokt-dataset-our-slides.so --root ${data})
if(NOT output MATCHES "6 pictures of 2 classes" OR output MATCHES "warning")
  message(FATAL_ERROR "the plugin is not sound:\n${output}")
endif()

must_run(${host} --plugins ${build} standardize --dataset our-slides --root ${data} --output ${build}/our.h5 ${trial})
if(NOT output MATCHES "patches of 6 pictures")
  message(FATAL_ERROR "standardising did not read the plugin's 6 pictures:\n${output}")
endif()

# An error of the plugin's own crosses the boundary in words.
file(MAKE_DIRECTORY ${build}/bad)
file(WRITE ${build}/bad/labels.csv "name,patient,diagnosis\n1.png,patient 1,unknown\n")
must_refuse(1 "is neither benign nor malignant"
  ${host} --plugins ${build} standardize --dataset our-slides --root ${build}/bad --output ${build}/bad.h5 ${trial})
file(MAKE_DIRECTORY ${build}/empty)
must_refuse(2 "labels.csv"
  ${host} --plugins ${build} standardize --dataset our-slides --root ${build}/empty --output ${build}/bad.h5 ${trial})
