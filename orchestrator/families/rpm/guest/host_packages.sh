# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2034 # host.sh, which stands behind, sets want, remove and dir and reads ending;
# installing.sh, which stands before, sets several
# Put before host.sh: the package manager of this family on a host. Sets functions only.
ending=rpm
tool() { manager; }
package_word() { case $2 in noarch) echo "$1" ;; *) echo "$1.$2" ;; esac; }

# "installed 1:1.2-3"; nothing for a package that is not there; "mixed" when several versions are that may not be.
# Of those that may be (kernels) the one that was installed last counts.
state_of() {
    rpm -q --qf '%{INSTALLTIME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t[%{PROVIDENAME} ]\n' "$1" 2>/dev/null |
        awk -F '\t' -v several="$several" '
            NF < 3 { next }
            { sub(/^0:/, "", $2); if (!seen[$2]++) n++
              if ((" " $3) !~ several) one = 1
              if ($1 + 0 >= last) { last = $1 + 0; version = $2 } }
            END { if (n > 1 && one) print "mixed"; else if (n) print "installed " version }'
}
is_there() { rpm -q "$1" >/dev/null 2>&1; }
# "NAME ARCHITECTURE VERSION" of a file
file_says() {
    rpm -qp --nosignature --qf '%{NAME} %{ARCH} %|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n' "$1" 2>/dev/null |
        awk '{ sub(/^0:/, "", $3); print }'
}

# held_of PACKAGE...: those that the owner locked
held_of() {
    for name; do
        if grep -Eqs "^$name-([0-9]+:)?[0-9]" /etc/dnf/plugins/versionlock.list ||
            grep -Eqs "^(solvable_name|name): *$name\$" /etc/zypp/locks ||
            grep -Eqs "^ *- *name: *$name\$" /etc/dnf/versionlock.toml; then
            echo "$name"
        fi
    done
}

# The packages that come, with their files as the only source; what a service that scripts start inherits must not be
# our lock.
# shellcheck disable=SC2086 # lists of words
install_files() { # FILES WORD...
    files=$1
    shift
    case $(manager) in
        none)
            echo "error: neither dnf nor zypper is there"
            return 127
            ;;
        zypper)
            mkdir -p "$dir/none"
            ZYPP_LOCK_TIMEOUT=300 unattended zypper --non-interactive --no-color --no-refresh --no-gpg-checks \
                --reposd-dir "$dir/none" --cache-dir "$dir/cache" install --oldpackage --no-recommends \
                --allow-unsigned-rpm --allow-vendor-change --auto-agree-with-licenses "$@" $files 9>&-
            ended=$?
            case $ended in 102 | 103 | 107) return 0 ;; esac
            return $ended
            ;;
        *)
            unattended "$(manager)" -y --disablerepo='*' --nogpgcheck --setopt=localpkg_gpgcheck=0 \
                --disableplugin=versionlock --setopt=excludepkgs= --setopt=cachedir="$dir/cache" \
                --setopt=install_weak_deps=0 --setopt=installonly_limit=0 --setopt=best=1 --setopt=strict=1 \
                --setopt=clean_requirements_on_remove=0 "$@" install $files 9>&-
            ;;
    esac
}

# try_order and carry_order FILES REMOVALS: two lists of words
# shellcheck disable=SC2086 # a list of words
try_order() {
    if [ -n "$1" ]; then
        case $(manager) in
            zypper) install_files "$1" --dry-run || return ;;
            *) install_files "$1" --setopt=tsflags=test || return ;;
        esac
    fi
    # what comes may need what goes no more: only the removal alone can be tried
    [ -n "$1" ] || [ -z "$2" ] || rpm -e --test $2
}
# shellcheck disable=SC2086 # a list of words
carry_order() {
    if [ -n "$1" ]; then install_files "$1" || return; fi
    above=$(printf '%s' "$want" | while read -r name arch version _; do
        kernels_above "$(package_word "$name" "$arch")=$version"
    done)
    case "$2$above" in *[!\ ]*) unattended rpm -e $2 $above 9>&- ;; esac
}

# What would be done beyond the order, as a line: a package that the order takes the place of.
beyond() {
    awk -v remove=" $remove " '
        $1 == "replacing" { name = $2; sub(/\.[^.]*$/, "", name); if (!index(remove, " " name " ")) print "remove " name }' "$1" |
        sort -u | head -n 5 | tr '\n' ',' | sed 's/,$//; s/,/, /g'
}
failure_lines() { grep -E '^(Error|error|Problem|nothing provides| *Problem| *- nothing)' "$1"; }
reboot_required() {
    [ -e /run/reboot-required ] || [ -e /run/reboot-needed ] && return 0
    # it exits with 1 when a reboot is due
    command -v needs-restarting >/dev/null 2>&1 || return 1
    needs-restarting -r >/dev/null 2>&1
    [ $? -eq 1 ]
}
