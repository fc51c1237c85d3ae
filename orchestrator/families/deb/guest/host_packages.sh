# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2034 # host.sh, which stands behind, sets want and remove and reads ending
# Put before host.sh: the package manager of this family on a host. Sets functions only.
ending=deb
manager() { echo apt; }
tool() { echo apt-get; }
package_word() { case $2 in all) echo "$1" ;; *) echo "$1:$2" ;; esac; }

# "installed 1.2"; "config-files 1.2" is not installed; nothing for a package that dpkg has never heard of;
# "mixed" when its architectures do not agree
state_of() {
    # shellcheck disable=SC2016 # the names in braces are dpkg's
    dpkg-query --show --showformat '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | sort -u |
        awk '{ line = $0 } END { if (NR > 1) line = "mixed"; if (NR) print line }'
}
is_there() { case $(state_of "$1") in '' | config-files\ * | not-installed\ *) return 1 ;; esac; }
# "NAME ARCHITECTURE VERSION" of a file
file_says() {
    dpkg-deb --field "$1" Package Architecture Version 2>/dev/null |
        awk '{ printf "%s%s", (NR > 1 ? " " : ""), $2 }'
}

# A service that maintainer scripts start must not hold our lock.
apt() {
    apt_get -o DPkg::Lock::Timeout=300 -o APT::Get::AutomaticRemove=false \
        --allow-downgrades --allow-change-held-packages "$@" 9>&-
}

# What apt would do beyond the order, as a line; nothing when it would do the order alone.
beyond() {
    awk -v want="$want" -v remove="$remove" -v native="$(dpkg --print-architecture)" '
        BEGIN {
            n = split(want, lines, "\n")
            for (i = 1; i <= n; i++) {
                split(lines[i], w, " ")
                version[w[2] == native || w[2] == "all" ? w[1] : w[1] ":" w[2]] = w[3]
            }
            n = split(remove, r, " ")
            for (i = 1; i <= n; i++) gone[r[i]] = 1
        }
        $1 == "Inst" {
            new = substr($0, index($0, "(") + 1)
            sub(/[ )].*/, "", new)
            if (version[$2] != new) print "install " $2 " " new
        }
        $1 == "Remv" || $1 == "Purg" { if (!gone[$2]) print "remove " $2 }' "$1" |
        sort -u | head -n 5 | tr '\n' ',' | sed 's/,$//; s/,/, /g'
}

# try_order and carry_order FILES REMOVALS: two lists of words
# shellcheck disable=SC2046,SC2086 # lists of words
try_order() { apt --simulate install $1 $(minus $2); }
minus() { for name; do echo "$name-"; done; }
# shellcheck disable=SC2046,SC2086 # lists of words
carry_order() {
    export NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none
    remember_marks $(printf '%s' "$want" | cut -d ' ' -f 1)
    apt install $1 $(minus $2)
    ended=$?
    restore_marks
    return $ended
}
failure_lines() { grep -E '^(E:|dpkg: error)' "$1"; }
reboot_required() { [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; }
