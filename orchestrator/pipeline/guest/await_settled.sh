# SPDX-License-Identifier: Apache-2.0
# await_settled.sh SECONDS: waits until the service manager has no job left. The wait is the guest's own:
# it ends with the last job, not at the next look. Mostly there is none to begin with, and the one
# question is all it costs.
idle() { jobs=$(systemctl list-jobs --no-legend 2>/dev/null) && [ -z "$jobs" ]; }
idle && exit 0
timeout "$1" systemctl is-system-running --wait >/dev/null 2>&1
n=0
until idle || [ $n -ge 300 ]; do
    sleep 0.2
    n=$((n + 1))
done
[ $n -lt 300 ]
