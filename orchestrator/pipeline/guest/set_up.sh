# SPDX-License-Identifier: Apache-2.0
# set_up.sh [MAC ADDRESS NETWORK]...: gives the cards of a lab with networks their production addresses,
# for this boot and the next, and stops all timers.
use_address() { # MAC ADDRESS NETWORK
    for card in /sys/class/net/*; do
        [ "$(cat "$card/address")" = "$1" ] || continue
        ip address add "$2" dev "${card##*/}"
        ip link set "${card##*/}" up
    done
    mkdir -p /etc/systemd/network
    printf '[Match]\nMACAddress=%s\n[Network]\nAddress=%s\nLinkLocalAddressing=no\n' "$1" "$2" \
        >"/etc/systemd/network/10-patchlab-$3.network"
}
if [ $# -gt 0 ]; then
    while [ $# -gt 0 ]; do
        use_address "$1" "$2" "$3"
        shift 3
    done
    # Who gives them at the next boot: systemd's own network service, where the machine has no other.
    # Nothing waits for it at a boot.
    if ! systemctl --quiet is-active systemd-networkd NetworkManager networking; then
        systemctl --quiet enable --now systemd-networkd
        systemctl --quiet disable --now systemd-networkd-wait-online
    fi
fi
# Stopped for the life of the lab: after a restore the clock jumps, and each timer that had become due
# would then write to the disk in the middle of a trial. Stopped alike before, in the controls and
# after, they change nothing in the comparison.
systemctl stop '*.timer' 2>/dev/null
exit 0
