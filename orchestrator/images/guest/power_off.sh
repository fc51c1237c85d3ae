# SPDX-License-Identifier: Apache-2.0
# Runs in the guest: powers it off, but only after the answer to this script is out.
trap '' HUP
{
    sleep 0.5
    exec systemctl --no-block poweroff
} </dev/null >/dev/null 2>&1 &
