#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What a host is and has, as JSON lines on stdout (read by orchestrator/inventory/scan_reader.cpp). It only looks: nothing is written, nothing
# is started but the host's own tools. A POSIX shell and awk are all it needs. What it could not see it says ("unseen"); the last line says
# how many there were, so that half an answer is never taken for a whole one.
set -u
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH

# Records are words between tabs: a kind, then names and values in turn.
record() {
    kind=$1
    shift
    printf '%s' "$kind"
    for word in "$@"; do printf '\t%s' "$(printf '%s' "$word" | tr '\t\r\n' '   ')"; done
    printf '\n'
}
fact() { record fact name "$1" value "$2"; }
unseen() { record unseen what "$1" why "$2"; }
first_line() { [ -r "$1" ] && head -n 1 "$1" | head -c 200; }
os_field() { sed -n "s/^$1=//p" /etc/os-release | head -n 1 | sed "s/^[\"']//; s/[\"']\$//"; }

system() {
    fact os "$(os_field ID)"
    fact os-version "$(os_field VERSION_ID)"
    fact os-name "$(os_field PRETTY_NAME)"
    fact kernel "$(uname -r)"
    fact kernel-build "$(uname -v)"
    fact architecture "$(uname -m)"
    fact memory-kib "$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)"
    fact boot-id "$(first_line /proc/sys/kernel/random/boot_id)"
    fact machine-id "$(first_line /etc/machine-id)"
    fact image "$(first_line /etc/patchlab-image)"
    fact uptime-seconds "$(awk '{ print int($1) }' /proc/uptime)"
    if [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; then
        fact reboot-required yes
        sort -u /run/reboot-required.pkgs | head -n 100 | while read -r name; do record reboot package "$name"; done
    else
        fact reboot-required no
    fi
    for file in /boot/vmlinuz-* /lib/modules/*/vmlinuz; do
        [ -e "$file" ] || continue
        case $file in
        /boot/*) record kernel release "${file#/boot/vmlinuz-}" ;;
        *) file=${file%/vmlinuz} && record kernel release "${file##*/}" ;;
        esac
    done
}

addresses() {
    if command -v ip >/dev/null; then
        ip -o addr show scope global | awk '{ print "address\taddress\t" $4 }'
    elif command -v hostname >/dev/null && hostname -I >/dev/null; then
        for address in $(hostname -I); do record address address "$address"; done
    else
        unseen addresses 'neither ip nor hostname -I is there'
    fi
}

packages() {
    if [ -s /var/lib/dpkg/status ]; then
        # shellcheck disable=SC2016 # the names in braces are dpkg's
        dpkg-query -W -f 'package\tformat\tdeb\tname\t${Package}\tarchitecture\t${Architecture}\tversion\t${Version}\tstate\t${db:Status-Status}\n' ||
            unseen packages "dpkg-query failed with exit $?"
    elif command -v rpm >/dev/null; then
        rpm -qa --qf 'package\tformat\trpm\tname\t%{NAME}\tarchitecture\t%{ARCH}\tversion\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\tstate\tinstalled\n' ||
            unseen packages "rpm failed with exit $?"
    else
        unseen packages 'there is neither dpkg nor rpm'
    fi
}

services() {
    if command -v systemctl >/dev/null; then
        units=$(systemctl list-units --type=service --state=running --plain --no-legend --no-pager) ||
            { unseen services 'systemd does not answer' && return; }
        printf '%s\n' "$units" | awk 'NF { print "service\tname\t" $1 }'
    else
        unseen services 'there is no systemd'
    fi
}

# Listening sockets by number, and which process holds that number. The kernel writes addresses as words in its own byte order.
ports() {
    [ -r /proc/net/tcp ] || { unseen ports 'there is no /proc/net/tcp' && return; }
    case $(uname -m) in s390* | ppc | ppc64) big=1 ;; *) big=0 ;; esac
    {
        ls -l /proc/[0-9]*/fd
        for protocol in tcp tcp6 udp udp6; do
            printf 'sockets %s\n' "$protocol"
            cat "/proc/net/$protocol"
        done
    } | awk -v big="$big" '
        function number(hex,    i, sum) {
            for (i = 1; i <= length(hex); i++) sum = sum * 16 + index("0123456789ABCDEF", toupper(substr(hex, i, 1))) - 1
            return sum
        }
        function in_order(word) { return big ? word : substr(word, 7, 2) substr(word, 5, 2) substr(word, 3, 2) substr(word, 1, 2) }
        function dotted(word) { return number(substr(word, 1, 2)) "." number(substr(word, 3, 2)) "." number(substr(word, 5, 2)) "." number(substr(word, 7, 2)) }
        function address(hex,    i, all, group) {
            if (length(hex) == 8) return dotted(in_order(hex))
            for (i = 0; i < 4; i++) all = all in_order(substr(hex, 8 * i + 1, 8))
            if (all ~ /^0+$/) return "::"
            if (all ~ /^0+1$/) return "::1"
            if (substr(all, 1, 24) == "00000000000000000000FFFF") return "::ffff:" dotted(substr(all, 25))
            hex = ""
            for (i = 0; i < 8; i++) {
                group = tolower(substr(all, 4 * i + 1, 4))
                sub(/^0+/, "", group)
                hex = hex (i ? ":" : "") (group == "" ? "0" : group)
            }
            return hex
        }
        /^\/proc\/[0-9]+\/fd:/ { split($1, path, "/"); pid = path[3]; next }
        /socket:\[/ { inode = $NF; gsub(/[^0-9]/, "", inode); holder[inode] = pid; next }
        $1 == "sockets" { protocol = $2; next }
        $2 ~ /^[0-9A-F]+:[0-9A-F]+$/ && (protocol ~ /^tcp/ ? $4 == "0A" : $3 ~ /:0000$/) {
            split($2, at, ":")
            name = ""
            if ($10 in holder) { file = "/proc/" holder[$10] "/comm"; getline name < file; close(file) }
            gsub(/[\t\r]/, " ", name)
            print "port\tprotocol\t" substr(protocol, 1, 3) "\taddress\t" address(at[1]) "\tport\t" number(at[2]) "\tprocess\t" name
        }'
}

look() {
    system
    addresses
    packages
    services
    ports
    record end complete yes
}

# The one place that knows JSON: all values are strings, what is no printable ASCII is a question mark.
as_json() {
    awk -F '\t' '
        function quoted(text,    i, c, out) {
            if (text ~ /^[A-Za-z0-9 .:+~_^@\/-]*$/) return "\"" text "\""
            for (i = 1; i <= length(text); i++) {
                c = substr(text, i, 1)
                if (c == "\\" || c == "\"") out = out "\\" c
                else if (c ~ /[ -~]/) out = out c
                else out = out "?"
            }
            return "\"" out "\""
        }
        {
            line = "{\"kind\":" quoted($1)
            for (i = 2; i < NF; i += 2) line = line "," quoted($i) ":" quoted($(i + 1))
            if ($1 == "end") line = line ",\"lines\":\"" NR "\""
            print line "}"
        }'
}

# Called last, so that a shell that reads this from its input has read all of it.
main() {
    printf 'patchlab scan 1\n'
    look | as_json
}
main </dev/null 2>/dev/null
