# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # the functions that stand before come from carry_out.sh
# install.sh begin SERIAL WORD...
#   SERIAL   of the disk with the packages
#   WORD     what the family's carry_out() takes: how, and which packages; plain words
# Put behind the functions of a family: prepare_install() makes ready what carry_out() needs, which installs.
# Puts the packages of the read-only patch disk in, from a unit of its own: the guest agent may be replaced
# or restarted by the patch, and whatever runs below it would die with it. Nothing of ours is written to the
# guest's disk: /run is memory, and little of it, so of the output only the head and the tail are kept
# (keep_log.pl, behind the line #KEEP_LOG). install.pid and install.exit are written by the shell itself:
# a patch may break every program there is, and that must be seen. install.exit is there from the
# beginning, with an empty line: what fills /run cannot keep the exit code from being written.
set -u
dir=/run/patchlab

# Finds the disk and starts the job.
begin() { # SERIAL WORD...
    device=/dev/disk/by-id/virtio-$1
    shift
    (umask 022 && mkdir -p $dir $dir/disk) || exit 100
    # settle knows only of events that are here already: a slot that was emptied a moment ago takes a
    # second until it is filled again
    udevadm wait --timeout=30 "$device" 2>/dev/null ||
        udevadm settle --timeout=30 --exit-if-exists="$device"
    [ -e "$device" ] || {
        echo "the patch disk did not appear" >&2
        exit 101
    }
    mount -t ext4 -o ro,nosuid,nodev,noexec "$device" $dir/disk 2>$dir/mount.log ||
        mountpoint -q $dir/disk || {
        cat $dir/mount.log >&2
        exit 102
    }
    rm -f $dir/install.exit $dir/install.pid $dir/install.log $dir/install.pipe $dir/install.whole
    sed '1,/^#KEEP_LOG$/d' $dir/install.sh >$dir/keep_log.pl
    echo >$dir/install.exit
    prepare_install || exit 103
    start_job "$@"
}

start_job() { # WORD...
    # A unit is no child of this shell: what the channel decided about addresses (setarch -R) is handed on.
    same_addresses=
    [ ! -r /proc/self/personality ] || read -r personality </proc/self/personality
    case ${personality-} in *[4567cdef]????) same_addresses="/usr/bin/setarch -R" ;; esac
    systemctl reset-failed patchlab-install.service 2>/dev/null
    # KillMode: what a package's script leaves running lives on, as after an installation by hand; it is
    # the patch's doing
    # shellcheck disable=SC2086 # same_addresses: words, or none
    exec systemd-run --quiet --unit=patchlab-install --description="patchlab installs the patch" \
        --property=KillMode=process --property=StandardInput=null \
        --property=StandardOutput=append:$dir/install.log \
        --property=StandardError=append:$dir/install.log \
        --setenv=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        --setenv=LC_ALL=C.UTF-8 --setenv=HOME=/root \
        $same_addresses /bin/sh $dir/install.sh job "$@"
}

# What is printed from here on goes through a program that keeps as much of it as there is room for. It
# reads on for as long as anybody may write: what a script leaves running must not die of its words.
cap_log() {
    mkfifo $dir/install.pipe || return
    perl $dir/keep_log.pl $dir/install.log $dir/install.whole <$dir/install.pipe &
    exec >$dir/install.pipe 2>&1
}

# Waits for the end of the log; not for long, as what was left running may hold it open.
await_log() {
    exec >/dev/null 2>&1
    n=0
    until [ -e $dir/install.whole ] || [ ! -p $dir/install.pipe ] || [ $n -ge 20 ]; do
        sleep 0.1
        n=$((n + 1))
    done
}

job() { # WORD...
    echo $$ >$dir/install.pid
    cap_log
    carry_out "$@"
    code=$?
    await_log
    sync
    # into the room that it has already
    echo $code 1<>$dir/install.exit
}

step=$1
shift
case $step in
    begin) begin "$@" ;;
    job) job "$@" ;;
    *) exit 2 ;;
esac
exit 0
