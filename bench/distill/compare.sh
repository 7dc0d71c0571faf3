#!/bin/sh
# compare.sh BUILD_FOLDER: the svd distiller and numpy on the same three networks, one after the other.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-$(nproc)}"
ours=$("$1/bin/bench_svd_merge" "$folder")
theirs=$(${PYTHON:-python3} "$(dirname "$0")/reference.py" "$folder")
echo "$ours ${theirs}" | awk '{ printf "svd distiller %s s, numpy %s s: %.1f times as fast; largest difference %s\n", $1, $2, $2 / $1, $3 }'
