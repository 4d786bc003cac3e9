# Completes gdlab and python -m gdlab in fish.

function _gdlab
    set -l typed (commandline -opc) (commandline -ct)
    set -l helper $typed[1]
    set -l first 2
    if string match -qr 'python[0-9.]*$' -- $typed[1]
        set helper $typed[1] -m gdlab
        set first 4
    end
    set -lx COMP_LINE "gdlab $typed[$first..-1]"
    $helper -sc query=fish 2>/dev/null
end

function _gdlab_is_module
    set -l typed (commandline -opc)
    test (count $typed) -ge 3; and test "$typed[2..3]" = "-m gdlab"
end

complete -c gdlab -x -a '(_gdlab)'
complete -c python -n _gdlab_is_module -x -a '(_gdlab)'
complete -c python3 -n _gdlab_is_module -x -a '(_gdlab)'
