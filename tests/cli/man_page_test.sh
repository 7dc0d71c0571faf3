# SPDX-License-Identifier: MIT
# Fails where groff warns of a manual page: man_page_test.sh FILE.
set -eu
shown=$(mktemp)
trap 'rm -f "$shown"' EXIT
warnings=$(groff -man -ww -Tutf8 -P-c "$1" 2>&1 >"$shown")
if [ -n "$warnings" ]; then
  echo "$warnings"
  exit 1
fi
grep -q 'histokt-host - ' "$shown"
