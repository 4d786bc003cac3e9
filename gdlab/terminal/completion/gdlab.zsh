# Completes gdlab and python -m gdlab in zsh.

(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }

_gdlab() {
    local line
    local -a choices helper
    if [[ ${words[1]:t} == python* ]]; then
        if [[ "$words[2] $words[3]" != "-m gdlab" ]] || (( CURRENT < 4 )); then
            ${_gdlab_python:-_default}
            return
        fi
        helper=(${~words[1]} -m gdlab)
        line="gdlab ${(j: :)words[4,CURRENT-1]} $PREFIX"
    else
        helper=(${~words[1]})
        line="gdlab ${(j: :)words[2,CURRENT-1]} $PREFIX"
    fi
    choices=(${=$(COMP_LINE=$line $helper -sc query=zsh 2>/dev/null)})
    compadd -S '' -a choices || _default
}

[[ $_comps[python] == _gdlab ]] || _gdlab_python=$_comps[python]
compdef _gdlab gdlab python python3
