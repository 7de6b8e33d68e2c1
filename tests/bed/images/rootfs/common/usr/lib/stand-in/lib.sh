# Sourced by the start scripts: the layout's facts, the environment, upstream's two notions of a boolean.
# shellcheck shell=bash
. /etc/stand-in/layout

# Every image of upstream sees its whole environment, but reads only some names. Here the others are not there
# at all, so that a setting which upstream's image would not read cannot have an effect.
keep_listed_variables() {
    local name listed
    listed=" $(tr '\n' ' ' < /etc/stand-in/variables) PATH HOME HOSTNAME PWD SHLVL _ "
    for name in $(compgen -e); do
        [[ $listed == *" $name "* ]] || unset "$name"
    done
}

# s6-overlay's setuid helper hands /run, a root tmpfs of mode 1750, to the container's user.
# With no-new-privileges it cannot, and the start ends here as upstream's does.
own_run() {
    /usr/lib/stand-in/suexec --reuid=0 --regid=0 --clear-groups chown "$(id -u):$(id -g)" /run
    if ! touch /run/test-of-writability 2>/dev/null; then
        echo "/package/admin/s6-overlay/libexec/preinit: fatal: cannot create /run/test of writability"
        return 1
    fi
    rm -f /run/test-of-writability
}

# on NAME DEFAULT: what tpl's toBool makes of a variable: any text that is no spelling of false is true.
on() {
    local text=${!1:-}
    case ${text:-$2} in
        0|f|F|false|False|FALSE) return 1 ;;
    esac
}

# bool NAME DEFAULT: the same as the words true and false, for Lua, JavaScript and HOCON.
bool() {
    if on "$1" "$2"; then echo true; else echo false; fi
}

# each TEXT FORMAT: the format once for every item of a comma-separated text.
each() {
    local item
    local -a items
    IFS=, read -ra items <<< "$1"
    for item in "${items[@]}"; do
        # shellcheck disable=SC2059  # the format is the caller's
        [[ -n $item ]] && printf "$2" "$item"
    done
    return 0
}

# as_user USER COMMAND...: s6-setuidgid.
as_user() {
    local user=$1
    shift
    exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"
}
