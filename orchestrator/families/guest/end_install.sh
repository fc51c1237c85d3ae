# SPDX-License-Identifier: Apache-2.0
# Ends an installation that hangs; prints who hung: the tree of processes below the unit.
timeout 30 systemctl status --no-pager -l patchlab-install.service
systemctl kill -s KILL patchlab-install.service
systemctl stop patchlab-install.service
# It is the lab's own unit: the machine is not to be told of as one with a failed unit.
systemctl reset-failed patchlab-install.service 2>/dev/null || :
