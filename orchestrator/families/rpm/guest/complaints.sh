# SPDX-License-Identifier: Apache-2.0
# Prints what the package system complains of by itself: requirements that are not met, packages that are
# there twice. Nothing when it is sound. Leaves nothing behind.
tell_twice_installed
dnf=$(manager)
case $dnf in
    none) rpm -Va --nofiles --nodigest 2>&1 | grep -v '^[S.?]' | head -n 20 ;;
    zypper)
        # only what it would do tells what is missing
        unattended zypper --non-interactive --no-refresh --no-color --reposd-dir /run/patchlab/none verify \
            --dry-run 2>&1 | grep -E '^(Problem|nothing provides|  *nothing provides)' | head -n 20
        ;;
    *)
        mkdir -p /run/patchlab/complaints
        unattended "$dnf" -q --disablerepo='*' --setopt=cachedir=/run/patchlab/complaints check --dependencies \
            2>&1 | grep -Ev '^(Error: Check discovered|Check discovered|$)' | head -n 20
        rm -rf /run/patchlab/complaints
        ;;
esac
exit 0
