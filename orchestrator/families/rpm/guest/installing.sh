# SPDX-License-Identifier: Apache-2.0
# Put before scripts that install: the lab and production's hosts install in the same way, with nobody
# there to answer. Sets functions, and what they have in common.

# What a package provides of which several versions may be installed, in a list with blanks around: for awk.
several=' (installonlypkg[(]|multiversion[(]kernel[)])'

# What installs packages here: dnf, which may be dnf 5, zypper, or nothing.
manager() {
    for program in dnf dnf5 zypper; do
        if command -v $program >/dev/null 2>&1; then
            echo $program
            return
        fi
    done
    echo none
}

# Maintainer scripts make files for everybody; what is printed is printed at once.
unattended() (
    umask 022
    exec env PYTHONUNBUFFERED=1 "$@" </dev/null
)

# dnf_alone WORK REPOSITORY WORD...: dnf with this folder as its only repository. Nothing is added, taken
# away or left out that was not asked for: no weak dependencies, no limit of kernels, no version lock and no
# exclusion of the machine's (as what is named is named exactly), no filter of modules.
dnf_alone() {
    work=$1 repository=$2
    shift 2
    mkdir -p "$work/cache" || return
    unattended "$dnf" -y --disablerepo='*' --repofrompath="patchlab,file://$repository" --nogpgcheck \
        --disableplugin=versionlock --setopt=excludepkgs= --setopt=includepkgs= \
        --setopt=cachedir="$work/cache" --setopt=install_weak_deps=0 --setopt=installonly_limit=0 \
        --setopt=clean_requirements_on_remove=0 --setopt=best=1 --setopt=strict=1 \
        --setopt=patchlab.module_hotfixes=1 "$@"
}

# zypper_alone WORK REPOSITORY WORD...: the same of zypper.
zypper_alone() {
    work=$1 repository=$2
    shift 2
    mkdir -p "$work/repos" "$work/cache" || return
    cat >"$work/repos/patchlab.repo" <<END
[patchlab]
name=patchlab
baseurl=dir://$repository
type=rpm-md
enabled=1
autorefresh=1
gpgcheck=0
keeppackages=0
END
    unattended zypper --non-interactive --no-color --no-gpg-checks --reposd-dir "$work/repos" \
        --cache-dir "$work/cache" "$@"
}

# named_for MANAGER PACKAGE...: "name.arch=version" as the manager takes it, a line each
named_for() {
    manager=$1
    shift
    for word; do
        name=${word%%=*} version=${word#*=}
        case $manager:$name in
            zypper:*) printf '%s\n' "$word" ;;
            *:*.noarch | *:*.x86_64 | *:*.i686 | *:*.aarch64 | *:*.ppc64le | *:*.s390x)
                printf '%s\n' "${name%.*}-$version.${name##*.}" ;;
            *) printf '%s\n' "$name-$version" ;;
        esac
    done
}

# install_exactly WORK REPOSITORY PACKAGE... [-NAME...]: puts in exactly these packages ("name=version") and
# takes those away that are named with a hyphen before. Newer and older versions are taken alike.
install_exactly() {
    folder=$1 packages=$2
    shift 2
    dnf=$(manager)
    come='' go='' above=''
    for word; do
        case $word in
            -*) go="$go ${word#-}" ;;
            *)
                come="$come $(named_for "$dnf" "$word")"
                above="$above $(kernels_above "$word")"
                ;;
        esac
    done
    case $dnf in
        none)
            echo "error: neither dnf nor zypper is there" >&2
            return 127
            ;;
        zypper) install_by_zypper ;;
        *) install_by_dnf ;;
    esac || return
    # shellcheck disable=SC2086 # a list of words
    case $above in *[!\ ]*) unattended rpm -e $above ;; esac
}

# One transaction for what comes. What goes is taken away by rpm, which refuses where something else needs it:
# dnf would take that away as well.
# shellcheck disable=SC2086 # lists of words
install_by_dnf() {
    if [ -n "$come" ]; then
        dnf_alone "$folder" "$packages" install $come || return
    fi
    [ -z "$go" ] || unattended rpm -e $go
}

# 102 and 103 ask for a reboot and a restart, 107 tells of a failed script: what was asked for is there.
# shellcheck disable=SC2086 # lists of words
install_by_zypper() {
    for name in $go; do come="$come !$name"; done
    zypper_alone "$folder" "$packages" install --oldpackage --no-recommends --allow-vendor-change \
        --auto-agree-with-licenses $come
    ended=$?
    case $ended in 102 | 103 | 107) ended=0 ;; esac
    return $ended
}

# Names with more than one version, whose packages do not say that several may be installed: "name version...".
twice_installed() {
    rpm -qa --qf '%{NAME}.%{ARCH}\t%{EVR}\t[%{PROVIDENAME} ]\n' |
        awk -F '\t' -v several="$several" '
            $1 ~ /^gpg-pubkey\./ { next }
            (" " $3) ~ several { next }
            { count[$1]++; all[$1] = all[$1] " " $2 }
            END { for (name in count) if (count[name] > 1) print name all[name] }' | sort
}
# The same for people.
tell_twice_installed() { twice_installed | sed 's/^\([^ ]*\) \(.*\)$/\1 is installed twice: \2/'; }

# failed_scripts LOG: which scripts of packages failed, a line each. A failed %post is a warning for rpm: the
# package counts as installed. dnf names the package once more in words of its own.
failed_scripts() {
    awk '
        /scriptlet failed, / && match($0, /%[a-z]+\([^()]*\)/) {
            line = substr($0, RSTART)
            named = named substr($0, RSTART, RLENGTH)
            if (!said[line]++) print line
        }
        /^Error in [A-Z]+ scriptlet in rpm package / { other[$NF] = $3 }
        END {
            for (package in other)
                if (!index(named, "(" package "-")) print "the " other[package] " script of " package " failed"
        }' "$1" 2>/dev/null | sort | head -n 20
}

# kernels_above PACKAGE...: of packages of which several versions may be installed those that came after the
# version that is named ("name=version"). That one is there already, so installing it changes nothing.
kernels_above() {
    for word; do
        rpm -q --qf '%{INSTALLTIME}\t%{EVR}\t%{NVRA}\t[%{PROVIDENAME} ]\n' "${word%%=*}" 2>/dev/null |
            awk -F '\t' -v several="$several" -v wanted="${word#*=}" '
                (" " $4) !~ several { next }
                { time[$3] = $1 }
                $2 == wanted { since = $1 }
                END { if (since) for (one in time) if (time[one] > since) print one }'
    done
}

# Brings a transaction that was cut off to its end: of a package that is there in two versions the older one goes.
# rpm leaves files that the newer version has, too. Scripts of the older version belong to a removal, which this
# is not.
finish_interrupted() {
    unattended rpmdb --rebuilddb
    rpm -qa --qf '%{NAME}.%{ARCH}\t%{INSTALLTIME}\t%{NVRA}\t[%{PROVIDENAME} ]\n' | sort -k 1,1 -k 2,2n |
        awk -F '\t' -v several="$several" '
            $1 ~ /^gpg-pubkey\./ || (" " $4) ~ several { next }
            $1 == last { print older }
            { last = $1; older = $3 }' | while read -r package; do
        echo "taking away $package"
        unattended rpm -e --nodeps --noscripts --notriggers "$package"
    done
}
