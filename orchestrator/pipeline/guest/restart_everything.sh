# SPDX-License-Identifier: Apache-2.0
# restart_everything.sh BEGINNING...: restarts every service that runs, but those whose names begin so.
systemctl daemon-reload
for unit in $(systemctl list-units --type=service --state=running --no-legend --plain | cut -d' ' -f1); do
    spared=no
    for beginning in "$@"; do
        case $unit in "$beginning"*) spared=yes ;; esac
    done
    [ $spared = yes ] || systemctl restart "$unit" &
done
wait
