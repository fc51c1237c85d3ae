# SPDX-License-Identifier: Apache-2.0
# Ends an installation that hangs; prints who hung: the tree of processes below the unit.
timeout 30 systemctl status --no-pager -l patchlab-install.service
systemctl kill -s KILL patchlab-install.service
systemctl stop patchlab-install.service
