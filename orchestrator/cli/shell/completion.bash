# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2207,SC2086
# Put behind _patchlab_words (a command → what may follow it) and _patchlab_lists (a command → the list
# that knows its argument).
_patchlab() {
  local current=${COMP_WORDS[COMP_CWORD]} path='' word words list
  COMPREPLY=()
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) continue ;; esac
    if [ -n "${_patchlab_words[${path:+$path }$word]+there}" ]; then path="${path:+$path }$word"; fi
  done
  [ -n "$path" ] || path=.
  words=${_patchlab_words[$path]-}
  list=${_patchlab_lists[$path]-}
  case $current in
    -*) ;;
    *) if [ -n "$list" ]; then words=$(patchlab $list -o name 2>/dev/null); fi ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -F _patchlab patchlab
