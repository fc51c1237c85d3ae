# SPDX-License-Identifier: Apache-2.0
# Put before scripts that install: the lab and production's hosts install in the same way, with nobody
# there to answer. Sets functions only.

# unattended COMMAND...: maintainer scripts make files for everybody. The command takes the place of the
# subshell, so that there is one process of the calling script.
unattended() (
    umask 022
    exec env DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true NEEDRESTART_MODE=l \
        UCF_FORCE_CONFFOLD=1 "$@" </dev/null
)

# apt_get WORD...: the administrator's configuration files stay, nothing is added that was not asked for.
apt_get() {
    unattended apt-get -q -y -o Dpkg::Use-Pty=false -o APT::Sandbox::User=root \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold --no-install-recommends "$@"
}

# Brings an installation that was cut off to its end, as an administrator would.
finish_interrupted() (
    umask 022
    exec env DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold --configure -a </dev/null
)

# remember_marks PACKAGE..., and restore_marks after the installation: what the owner had marked stays
# so. A local file makes apt believe that a person chose the package, and dpkg forgets a hold.
# held_of PACKAGE...: those on hold; without a name apt-mark would tell of all
held_of() { [ $# -eq 0 ] || apt-mark showhold "$@" 2>/dev/null; }
remember_marks() {
    automatic='' held=''
    [ $# -gt 0 ] || return 0
    automatic=$(apt-mark showauto "$@" 2>/dev/null)
    held=$(held_of "$@")
}
restore_marks() {
    # shellcheck disable=SC2086 # a list of words
    [ -z "$automatic" ] || apt-mark auto $automatic >/dev/null
    # shellcheck disable=SC2086 # a list of words
    [ -z "$held" ] || apt-mark hold $held >/dev/null
}
