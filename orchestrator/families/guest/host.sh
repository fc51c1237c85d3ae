# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # host_packages.sh, which stands before, sets ending
# host.sh STEP NAME=VALUE...: what a push does on a host, as root; /bin/sh, the package manager and perl are all it
# needs. Put behind the functions of a family (host_packages.sh), which know the package manager.
#   STEP     begin, start, wait, look or close; job is its own
#   order    what identifies the step and its packages      want    "NAME ARCH VERSION SHA256 FILE", for each package
#   remove   a package to take away                         look    a package whose version is told
#   reboot   1: the host is rebooted afterwards, so nothing is restarted
#   seconds  how long begin and wait wait
# The values are checked, plain words.
# It keeps /var/lib/patchlab-host (root alone may read it):
#   history        one line for each installation that began and that ended
#   ORDER.boot     the boot id when this order installed: another one now means that the host was rebooted since
#   begun          an installation of ours that has not ended well: only then is what it left half done ours
#                  to repair, and then an order is carried out even if all its versions are there
#   lock           held by whatever installs
#   ORDER/         the packages, this script (behind it, after a line #STALE, the program that finds stale
#                  services), log, why, exit; gone when the order succeeded
# The answers are lines of plain words on stdout; the exit code says only whether the script ran.
set -u
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077
step=$1
shift
order='' reboot=0 seconds=0 look='' remove='' want=''
for word in "$@"; do
    value=${word#*=}
    case $word in
        order=*) order=$value ;;
        reboot=*) reboot=$value ;;
        seconds=*) seconds=$value ;;
        look=*) look="$look $value" ;;
        remove=*) remove="$remove $value" ;;
        want=*) want="$want$value
" ;;
        *) exit 2 ;;
    esac
done
case $order in '' | *[!0-9a-f]*) exit 2 ;; esac
base=/var/lib/patchlab-host
dir=$base/$order unit=patchlab-host-$order
boot=$(cat /proc/sys/kernel/random/boot_id)

exact() {
    printf '%s' "$want" | {
        while read -r name arch version _; do
            [ "$(state_of "$(package_word "$name" "$arch")")" = "installed $version" ] || exit 1
        done
    } || return 1
    for name in $remove; do ! is_there "$name" || return 1; done
}
done_before() { exact && [ ! -e "$base/begun" ]; }
note() { echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $order $*" >>"$base/history"; }
rebooted() { [ -s "$dir.boot" ] && [ "$(cat "$dir.boot")" != "$boot" ]; }
# Only a clear no is a no: systemd does not answer while it is replaced (daemon-reexec), which our own work may ask for.
running() {
    if [ -d /run/systemd/system ]; then
        case $(systemctl show --property=ActiveState --value "$unit.service" 2>/dev/null) in
            inactive | failed) return 1 ;;
        esac
        return 0
    fi
    [ -s "$dir/pid" ] && kill -0 "$(cat "$dir/pid")" 2>/dev/null
}

# Waits for whatever a controller that is gone may have left at work, then tells whether anything is to be done.
begin() {
    mkdir -p "$base"  # umask 077
    touch "$base/lock"
    flock --timeout "$seconds" "$base/lock" true || {
        echo "busy an earlier installation has not ended within $seconds s"
        exit 0
    }
    echo "boot $boot"
    if done_before; then
        [ -s "$dir.boot" ] || echo "$boot" >"$dir.boot"
        echo "needed no"
    else
        mkdir -p "$dir"
        echo "needed yes"
        # shellcheck disable=SC2046 # a list of words
        held=$(held_of $(printf '%s' "$want" | cut -d ' ' -f 1) | tr '\n' ' ')
        [ -z "$held" ] || echo "held ${held% }"
    fi
    if done_before && rebooted; then echo "rebooted yes"; else echo "rebooted no"; fi
}

# The files are what was ordered, byte for byte, and say so themselves.
verify_files() {
    printf '%s' "$want" | while read -r name arch version sha256 file; do
        [ "$(sha256sum <"$file" 2>/dev/null)" = "$sha256  -" ] || {
            echo "refused $file has not the sha256 that was ordered"
            exit 1
        }
        [ "$(file_says "$file")" = "$name $arch $version" ] || {
            echo "refused $file is not $name $version ($arch)"
            exit 1
        }
    done
}

# Verifies; then the work starts, away from this connection. What this script was given is handed on.
start() {
    cd "$dir" || exit 1
    if ! running; then
        verify_files || exit 0
        rm -f exit why
        if [ -d /run/systemd/system ]; then
            systemctl reset-failed "$unit.service" 2>/dev/null
            systemd-run --quiet --collect --unit="$unit" --description="patchlab installs $order" \
                --setenv=HOME=/root --property=StandardInput=null --property=KillMode=process \
                --property=StandardOutput="append:$dir/log" --property=StandardError="append:$dir/log" \
                /bin/sh "$dir/host.sh" job "$@" || {
                echo "refused systemd-run failed"
                exit 0
            }
        else
            setsid /bin/sh "$dir/host.sh" job "$@" </dev/null >>log 2>&1 &
            echo $! >pid
        fi
    fi
    echo started
}

finish_job() { # CODE WHY
    [ -z "${2:-}" ] || printf '%s\n' "$2" | tr -c '[:print:]' ' ' | cut -c 1-500 >"$dir/why"
    echo "$1" >"$dir/exit.new"
    sync
    mv "$dir/exit.new" "$dir/exit"
    exit 0
}

job() {
    cd "$dir" || exit 1
    exec 9>>"$base/lock"
    flock --timeout 3600 9 || finish_job 75 "another installation does not end"
    if done_before; then finish_job 0; fi  # a controller that was repeated while we waited
    if [ -e "$base/begun" ]; then
        echo "an installation of ours ($(cat "$base/begun")) did not end well: it is repaired first"
        finish_interrupted 9>&-
    fi
    files=$(printf '%s' "$want" | while read -r _ _ _ _ file; do echo "./$file"; done)
    drop=$(for name in $remove; do if is_there "$name"; then echo "$name"; fi; done)
    # shellcheck disable=SC2086 # lists of words
    try_order "$files" "$drop" >simulated 2>&1 || {
        cat simulated
        finish_job 76 "$(manager) cannot do it: $(failure_lines simulated | head -n 2 | tr '\n' ' ')"
    }
    more=$(beyond simulated)
    [ -z "$more" ] || finish_job 77 "$(manager) would also $more"
    echo "$order" >"$base/begun"
    echo "$boot" >"$dir.boot"
    note "begin $(printf '%s' "$want" | awk '{ printf "%s=%s ", $1, $3 }')$(for name in $remove; do printf '%s- ' "$name"; done)"
    carry_order "$files" "$drop"
    code=$?
    note "end $code"
    [ "$code" -eq 0 ] ||
        finish_job 78 "$(tool) failed with exit $code: $(failure_lines log | tail -n 2 | tr '\n' ' ')"
    exact || finish_job 79 "$(tool) succeeded, and yet the versions are not those"
    if [ "$reboot" != 1 ]; then restart; fi
    rm -f "$base/begun"
    finish_job 0
}

# The services that still run what was replaced. The program behind #STALE is what the rehearsal asks with, too.
restart() {
    [ -d /run/systemd/system ] || finish_job 81 "services cannot be restarted: this host has no systemd"
    sed '1,/^#STALE$/d' host.sh | perl - >stale || finish_job 80 "what uses replaced files could not be found out"
    systemctl daemon-reload
    if grep -qx init stale; then systemctl daemon-reexec; fi
    bad=$(sed -n 's/^unit //p' stale | while read -r service; do
        if [ "$service" != "$unit.service" ] && is_service "$service"; then restart_service "$service"; fi
    done | tr '\n' ' ')
    [ -z "$bad" ] || finish_job 80 "did not start again: $bad"
}

# Until the work has ended, at most $seconds.
wait_for_job() {
    left=$((seconds * 2))
    while [ ! -e "$dir/exit" ]; do
        # it may end between the two questions
        if ! running && [ ! -e "$dir/exit" ]; then
            echo "ended 99 it died in the middle"
            return
        fi
        [ $left -gt 0 ] || {
            echo "still running"
            return
        }
        left=$((left - 1))
        sleep 0.5
    done
    echo "ended $(cat "$dir/exit") $(cat "$dir/why" 2>/dev/null)"
}

look() {
    echo "boot $boot"
    if reboot_required; then echo "reboot-required yes"; else echo "reboot-required no"; fi
    for name in $look; do echo "package $name $(state_of "$name")"; done
    echo "looked"
}

finish() {
    if [ "$(cat "$dir/exit" 2>/dev/null)" = 0 ]; then rm -rf "$dir"; else rm -f "$dir"/*."$ending"; fi
    find "$base" -maxdepth 1 -name '*.boot' -mtime +365 -delete
}

case $step in
    begin) begin ;;
    start) start "$@" ;;
    job) job ;;
    wait) wait_for_job ;;
    look) look ;;
    close)
        look
        finish
        ;;
    *) exit 2 ;;
esac
exit 0
