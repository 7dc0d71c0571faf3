#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the virtual environment that docs/python.md is tried in: python_packages.sh REQUIREMENTS FOLDER.
# It sees Debian's packages as well. Does nothing where FOLDER already has these requirements.
set -eu
requirements=$1
folder=$2
cmp -s "$requirements" "$folder/requirements.txt" && exit 0
/usr/bin/python3 -m venv --clear --system-site-packages "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
  --requirement "$requirements"
cp "$requirements" "$folder/requirements.txt"
