# SPDX-License-Identifier: MIT
# Completion of histokt-host for bash. The program itself says what may follow; here its answer becomes bash's.

_histokt_host() {
  local word words=() glued="" line current endings ending nospace=""
  # Readline takes words apart at = and : as well; the program reads them whole.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    word=${word//\\/}  # of "a\ b", which names a file with a blank
    if [[ ${#words[@]} -gt 0 && ( -n $glued || $word == [=:]* ) ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    [[ $word == *[=:] ]] && glued=1 || glued=""
  done
  current=${words[-1]}
  [[ $current == --*=* ]] && current=${current#*=}
  current=${current#[\"\']}

  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :folders)
        compopt -o filenames 2> /dev/null
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current")
        ;;
      :files*)
        compopt -o filenames 2> /dev/null
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current")
        read -ra endings <<< "${line#:files}"
        for ending in "${endings[@]}"; do
          mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -X "!*$ending" -- "$current")
        done
        ;;
      *)
        word=${line%%$'\t'*}
        [[ $word == *[=.] ]] && nospace=1
        # What Readline takes for the word begins behind the last = or :, and that is all it replaces.
        [[ $current == *[=:]* ]] && word=${word#"${current%"${current##*[=:]}"}"}
        COMPREPLY+=("$word")
        ;;
    esac
  done < <("${COMP_WORDS[0]/#\~/$HOME}" complete-words "${words[@]}" 2> /dev/null)
  [[ -n $nospace ]] && compopt -o nospace 2> /dev/null
  return 0
}

complete -F _histokt_host histokt-host
