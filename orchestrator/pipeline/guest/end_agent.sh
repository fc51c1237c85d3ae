# SPDX-License-Identifier: Apache-2.0
# Runs in the guest, after a line by which the service manager is to stop the guest agent. The agent is our own instrument, not what is tested:
# it does not always end when it is asked to (qemu-ga 7.2, often when it was restarted in this life of the machine), and systemd would wait
# 90 s for it. Whoever watches from the agent's own control group ends it as soon as systemd has asked.
trap '' TERM
(for look in $(seq 100); do
  case $(systemctl show --property=ActiveState --value qemu-guest-agent.service) in
    deactivating) exec systemctl kill --signal=KILL qemu-guest-agent.service ;;
  esac
  sleep 0.1
done) </dev/null >/dev/null 2>&1 &
