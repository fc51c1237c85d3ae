# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # what `loop` sets
# Words that all acts of the loop use; sourced by `loop`, which sets program, state, work and fleet. Each step's answer is compared with
# what it must be: anything else ends the loop.

hosts=$work/fleet
number=0
bold='' plain=''
if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi

begin() { number=$((number + 1)); printf '%s%2d. %s%s  [%d:%02d]\n' "$bold" "$number" "$1" "$plain" $((SECONDS / 60)) $((SECONDS % 60)) >&2; }
note() { printf '    %s\n' "$1" >&2; }
fail() {
    printf 'loop: %s\n' "$1" >&2
    [ -z "${2:-}" ] || printf '%s\n' "$2" >&2
    complaints_of_hosts >&2 || true
    exit 3
}
# what the hosts that run have in their journals, so that a failure can be understood afterwards
complaints_of_hosts() {
    local folder name
    for folder in "$hosts"/hosts/*/; do
        name=$(basename "$folder")
        timeout 10 "$fleet" exec "$hosts" -- true 2>/dev/null || return 0
        host "$name" 'sudo journalctl --boot --priority=err --quiet --no-pager --output=short-iso --lines=8' 2>/dev/null |
            sed "s/^/loop: journal of $name: /" || true
    done
}

as() { "$program" --state "$state" --as "$@"; }
# the same from where the fleet's hosts can be reached
out_there() { "$fleet" exec "$hosts" -- "$program" --state "$state" --as "$@"; }

# expect CODES COMMAND…: runs it, its results to $work/out; any other exit code is the end
expect() {
    local codes=$1 code=0
    shift
    "$@" >"$work/out" || code=$?
    case " $codes " in
        *" $code "*) ;;
        *) sed 's/^/    | /' "$work/out" >&2; fail "exit code $code instead of $codes: ${*##*/patchlab }" ;;
    esac
}

# as its operator, over SSH: host NAME COMMAND…; on NAME <SCRIPT, as root
ssh_to() {
    local name=$1
    shift
    "$fleet" exec "$hosts" -- ssh -q -i "$hosts/key" -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes \
        -o UserKnownHostsFile="$hosts/known_hosts" "deploy@$(cat "$hosts/hosts/$name/address")" "$@"
}
host() { ssh_to "$@" </dev/null; }
on() { ssh_to "$1" sudo sh -eu; }
version_on() { host "$1" "dpkg-query -W -f '\${Version}' $2"; }
serves() { host "$1" "perl -MIO::Socket::INET -e 'exit(IO::Socket::INET->new(q(127.0.0.1:80)) ? 0 : 1)'"; }

# --- production -----------------------------------------------------------------------------------------------------------------------
production() {
    begin "production: six hosts with systemd, sshd, stock apt and nginx, each in namespaces of its own"
    "$fleet" down "$hosts" >/dev/null 2>&1 || true
    "$fleet" up "$hosts" --parent $$ >/dev/null
    expect 0 as rhea inventory import "$hosts/inventory.yml"
    expect 0 out_there rhea inventory scan
    expect 0 as rhea inventory list
    sed 's/^/    | /' "$work/out" >&2
}

versions() { # PACKAGE VERSION HOST…: each has exactly it
    local package=$1 wanted=$2 name found
    shift 2
    for name in "$@"; do
        found=$(version_on "$name" "$package")
        [ "$found" = "$wanted" ] || fail "$name has $package $found, not $wanted"
        serves "$name" || fail "$name serves no web page"
    done
}

# heard ROLLOUT TEXT: returns when the rollout's log says so
heard() {
    local lines follower code=0
    exec {lines}< <(exec "$program" --state "$state" rollout log "$1" -f)
    follower=$!
    timeout 300 grep -q -m 1 -F "$2" <&"$lines" || code=$?
    kill "$follower" 2>/dev/null || true
    exec {lines}<&-
    [ "$code" -eq 0 ] || fail "$1 never said: $2"
}

# row PATCH FIELD: of the patch's first package
row() { "$program" --state "$state" patch show "$1" --json | jq -r --arg field "$2" '[.packages[] | select(.prerequisite | not)][0][$field]'; }
