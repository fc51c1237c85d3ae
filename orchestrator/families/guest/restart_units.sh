# SPDX-License-Identifier: Apache-2.0
# restart_units.sh FIRST UNIT...: restarts the services that run and prints those that do not come back.
#   FIRST   daemon-reload: the service manager reads its units again before; daemon-reexec: it is
#           renewed, which reads them, too; as-it-is: neither
# All at once, as a boot starts them: what must wait for another says so in its unit. The agent below
# which this runs is not among them (end_agent.sh).
case $1 in daemon-*) systemctl "$1" ;; esac
shift
for unit in "$@"; do
    restart_service "$unit" &
done
wait
