# SPDX-License-Identifier: Apache-2.0
# end_agent.sh WORD...: has the service manager do something that stops the guest agent ("reboot",
# "restart qemu-guest-agent.service"). The agent is our own instrument, not what is tested: it does not
# always end when it is asked to (qemu-ga 7.2, often when it was restarted in this life of the machine),
# and systemd would wait 90 s for it. Whoever watches from the agent's own control group ends it as soon
# as systemd has asked.
systemctl --no-block "$@" || exit 1
trap '' TERM
(for _ in $(seq 100); do
    case $(systemctl show --property=ActiveState --value qemu-guest-agent.service) in
        deactivating) exec systemctl kill --signal=KILL qemu-guest-agent.service ;;
    esac
    sleep 0.1
done) </dev/null >/dev/null 2>&1 &
