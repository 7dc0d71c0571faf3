# SPDX-License-Identifier: MIT
# Completion as zsh has it: completion_test.zsh BUILD_FOLDER. The functions of zsh that show candidates are replaced
# by such as print them.
emulate -R zsh
build=$1
script=$build/share/zsh/site-functions/_histokt-host
faults=0

compset() { PREFIX=${PREFIX#*=} }
_files() { print -r -- "files $*" }
_describe() { print -rl -- "${(@)${(P)2}%%:*}" }
compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -rl -- "$@" }

# expect WORDS... -- LINES...: what is offered for the last of the words.
expect() {
  local at=${@[(i)--]}
  local -a words wanted
  words=($build/bin/histokt-host "${@[1,at - 1]}")
  wanted=("${@[at + 1,-1]}")
  local CURRENT=$#words PREFIX=$words[-1]
  local found=$(source $script)
  if [[ $found != ${(F)wanted} ]]; then
    print -r -- "${words[2,-1]}: expected ${(F)wanted}"$'\n'"and found $found"
    faults=1
  fi
}

zsh -n $script || faults=1
expect ev -- 'files -g *(.toml)(-.)' evaluate
expect run '' -- 'files -g *(.toml)(-.)'
expect evaluate --checkpoint '' -- 'files -g *(.safetensors|.pth)(-.)'
expect evaluate --output '' -- 'files -/'
expect evaluate --split '' -- train valid test
expect evaluate --split=te -- test
expect standardize --set sp -- split.
expect distill --distiller sv -- svd
expect evaluate --threads '' --
exit $faults
