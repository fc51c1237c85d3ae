# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # what `loop` and steps.sh set
# The act of the loop with hosts that pull; sourced by `loop`. Each host follows the channel of its ring with stock apt and
# unattended-upgrades. One of them patchlab cannot reach: it says itself what it has, by way of another host, where the reports are fetched.
channels=http://10.77.0.1:8080
# of this time alone: a loop that failed has left its own published, and nobody is to follow those
canary_channel=follow-canary-$(date +%s)
rest_channel=${canary_channel/canary/rest}
silent=web-6 relay=web-1

# The channels as a web server offers them, where hosts can reach it. It ends with us.
serve_channels() {
    "$fleet" exec "$hosts" -- setpriv --pdeathsig KILL python3 -m http.server --bind 10.77.0.1 --directory "$state/catalog/public" 8080 >"$work/served" 2>&1 &
    helpers+=($!)
    "$fleet" exec "$hosts" -- curl --silent --fail --retry 50 --retry-connrefused --retry-delay 1 --output /dev/null "$channels/patchlab.asc" ||
        fail "the channels cannot be reached" "$(cat "$work/served")"
}

# follow HOST CHANNEL: what `catalog subscribe` prints, and Debian's own timers, which are to look often here
follow() {
    as rhea catalog subscribe "$2" --url "$channels/$2/current" --json >"$work/subscription"
    {
        echo 'mkdir -p /etc/apt/keyrings'
        printf 'cat >/etc/apt/keyrings/patchlab.asc <<"TEXT"\n%s\nTEXT\n' "$(cat "$state/catalog/public/patchlab.asc")"
        printf 'cat >/etc/apt/sources.list.d/patchlab.sources <<"TEXT"\n%s\nTEXT\n' "$(jq -r .sources "$work/subscription")"
        printf 'cat >/etc/apt/preferences.d/patchlab <<"TEXT"\n%s\nTEXT\n' "$(jq -r .preferences "$work/subscription")"
        cat <<'SCRIPT'
cat >/etc/apt/apt.conf.d/60patchlab <<"TEXT"
Unattended-Upgrade::Origins-Pattern { "origin=patchlab"; };
Unattended-Upgrade::Allow-downgrade "true";
APT::Periodic::Update-Package-Lists "always";
APT::Periodic::Unattended-Upgrade "always";
TEXT
for timer in apt-daily apt-daily-upgrade; do
    mkdir -p "/etc/systemd/system/$timer.timer.d"
    # counted from the end of the one before: six hosts that look without a pause would leave a slow machine no time to install
    printf '[Timer]\nOnCalendar=\nOnActiveSec=1s\nOnUnitInactiveSec=10s\nRandomizedDelaySec=0\nAccuracySec=1s\n' >"/etc/systemd/system/$timer.timer.d/often.conf"
done
systemctl --quiet unmask apt-daily.timer apt-daily-upgrade.timer
systemctl daemon-reload
systemctl --quiet enable --now apt-daily.timer apt-daily-upgrade.timer
SCRIPT
    } | on "$1" || fail "$1 cannot be told to follow $2"
}

# The silent host has a key that may do one thing on the relay: hand in a report. Reports are fetched from there as they come.
report_by_way_of_the_relay() {
    local address key
    address=$(cat "$hosts/hosts/$relay/address")
    {
        printf 'mkdir -m 0700 /etc/patchlab && echo deploy@%s >/etc/patchlab/report-to\n' "$address"
        printf 'echo "%s" >/etc/patchlab/known_hosts\n' "$(grep "^$address " "$hosts/known_hosts")"
        echo 'ssh-keygen -q -t ed25519 -N "" -f /etc/patchlab/report_key'
        printf 'cat >/usr/local/sbin/patchlab-report <<"TEXT"\n%s\nTEXT\n' "$(cat "$here/../../../orchestrator/rollout/examples/host-report")"
        echo 'chmod 0755 /usr/local/sbin/patchlab-report'
        echo 'echo "DPkg::Post-Invoke { \"/usr/local/sbin/patchlab-report || true\"; };" >/etc/apt/apt.conf.d/90patchlab-report'
        echo 'cat /etc/patchlab/report_key.pub'
    } | on "$silent" >"$work/key" || fail "$silent cannot be told to report"
    key=$(cat "$work/key")
    # whoever hands in a report waits until it is fetched
    on "$relay" <<SCRIPT || fail "$relay cannot take reports"
mkfifo -m 0600 /home/deploy/reports
chown deploy: /home/deploy/reports
echo 'restrict,command="cat >/home/deploy/reports" $key' >>/home/deploy/.ssh/authorized_keys
SCRIPT
    take_reports >"$work/reports" 2>&1 &
    helpers+=($!)
    printf '/usr/local/sbin/patchlab-report\n' | on "$silent" || fail "$silent cannot report"
}

take_reports() {
    while host "$relay" cat reports >"$work/report"; do
        as rhea rollout report --host "$silent" - <"$work/report" || true
    done
}

pulling_hosts() { # ENTRY PATCH
    local entry=$1 name new ring follower once
    name=$(row "$2" name) new=$(row "$2" to)
    production
    begin "hosts that pull: each follows the channel of its ring with stock apt; patchlab cannot reach $silent, which reports"
    # nobody has this address
    sed "s/ansible_host: $(cat "$hosts/hosts/$silent/address")\$/ansible_host: 10.77.0.250/" "$hosts/inventory.yml" >"$work/inventory.yml"
    expect 0 as rhea inventory import "$work/inventory.yml" --source "$hosts/inventory.yml"
    cat >"$work/followers.yaml" <<YAML
schema: patchlab/rollout/v1
name: followers
mode: pull
hosts: { groups: [web] }
rings:
  - { name: canary, count: 2, soak: 5s, channel: $canary_channel }
  - { name: rest, rest: true, channel: $rest_channel }
time: { install: 5m, back-out: 5m }
catch-up: { for: 12m, every: 5s }
YAML
    expect 0 as rhea rollout plan "$work/followers.yaml" --entry "$entry" --json
    jq -r '.rings[] | .channel as $channel | .hosts[] | "\(.name) \($channel)"' "$work/out" >"$work/followers"
    [ "$(wc -l <"$work/followers")" = 6 ] || fail "not all six hosts are planned"
    serve_channels
    while read -r follower ring <&3; do follow "$follower" "$ring"; done 3<"$work/followers"
    report_by_way_of_the_relay
    expect 0 out_there rhea rollout start "$work/followers.yaml" --entry "$entry"
    expect 0 as rhea rollout status --hosts
    sed 's/^/    | /' "$work/out" >&2
    grep -q "$silent.*by its own report" "$work/out" || fail "$silent was not believed"
    versions "$name" "$new" web-1 web-2 web-3 web-4 web-5 web-6
    for follower in web-1 web-2 web-3 web-4 web-5 web-6; do
        host "$follower" "sudo grep -q 'Packages that will be upgraded:.* $name' /var/log/unattended-upgrades/unattended-upgrades.log" || fail "$follower did not take it by itself"
        once=$(host "$follower" "grep -c ' upgrade $name:' /var/log/dpkg.log")
        [ "$once" = 1 ] || fail "$follower was patched $once times"
    done
    note "all six took exactly $name $new from their channels by themselves, once; $silent said so"
}

returning_hosts() { # PATCH
    local name old rollout
    name=$(row "$1" name) old=$(row "$1" from)
    begin "the way back: the channels offer the old versions again, and the hosts return by themselves"
    rollout=$(as rhea rollout list --json | jq -r '.rollouts[0].id')
    expect 0 out_there rhea rollout back-out "$rollout" --now --reason "to see that they return"
    expect 0 as rhea rollout status --hosts
    sed 's/^/    | /' "$work/out" >&2
    versions "$name" "$old" web-1 web-2 web-3 web-4 web-5 web-6
    note "all six have exactly $name $old again"
}
