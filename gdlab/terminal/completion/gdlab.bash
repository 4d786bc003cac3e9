# Completes gdlab and python -m gdlab in bash.

_gdlab() {
    local line=${COMP_LINE:0:COMP_POINT} choices
    local -a typed helper
    read -ra typed <<<"$line"
    [[ $line == *[[:space:]] ]] && typed+=("")
    local word=${typed[-1]} program=${typed[0]/#\~/$HOME}
    if [[ ${program##*/} == python* ]]; then
        if [[ ${typed[1]} != -m || ${typed[2]} != gdlab || ${#typed[@]} -lt 4 ]]; then
            _gdlab_others "$@"
            return
        fi
        helper=("$program" -m gdlab)
        line="gdlab ${typed[*]:3}"
    else
        helper=("$program")
        line="gdlab ${typed[*]:1}"
    fi
    choices=$(COMP_LINE=$line "${helper[@]}" -sc query=bash 2>/dev/null)
    mapfile -t COMPREPLY < <(compgen -o default -W "$choices" -- "$word")
    # bash replaces what is behind the last of the characters at which it breaks words
    if [[ $word == *=* && $COMP_WORDBREAKS == *=* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*=}"}"}")
    fi
}

# What Python does without gdlab, as far as this shell knows
_gdlab_others() {
    if [[ $_gdlab_python =~ -F\ ([^ ]+) ]]; then
        "${BASH_REMATCH[1]}" "$@"
    else
        compopt -o bashdefault -o default
    fi
}

if [[ $(complete -p python 2>/dev/null) != *"-F _gdlab "* ]]; then
    declare -F _completion_loader >/dev/null && _completion_loader python
    _gdlab_python=$(complete -p python 2>/dev/null)
fi
complete -o nospace -F _gdlab gdlab python python3
