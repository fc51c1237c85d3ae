# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154 # what `loop` and steps.sh set
# The act of the loop with somebody who can write where patchlab keeps evidence, approvals, channels and its audit trail; sourced by `loop`.
# Every alteration is undone afterwards, and what was refused is good again then.

# altered FILE SED-EXPRESSION COMMAND…: the command's exit code while the file is altered. In a copy: other links to it stay as they are.
altered() {
    local file=$1 expression=$2 code=0
    shift 2
    mv "$file" "$work/untouched"
    sed "$expression" "$work/untouched" >"$file"
    ("$@") || code=$?
    mv "$work/untouched" "$file"
    return "$code"
}

# shellcheck disable=SC2016 # sed's own $
one_more_byte='$s/$/ /'

tampered_entry() { # ENTRY
    local folder=$state/catalog/entries/$1 file
    for file in evidence/drill.json approvals/ruling-01.dsse.json "$(cd "$folder" && find new -name '*.deb' | head -n 1)"; do
        altered "$folder/$file" "$one_more_byte" expect 1 as rhea catalog verify "$1"
        altered "$folder/$file" "$one_more_byte" expect 1 out_there rhea rollout start "$work/tampered.yaml" --entry "$1"
        note "$file: refused"
    done
    expect 0 as rhea catalog verify "$1"
}

tampered_channel() { # HOST THAT FOLLOWS IT, PACKAGE, VERSION
    local current=$state/catalog/public/$canary_channel/current
    # its own timers must not be what holds a lock now
    printf 'systemctl stop apt-daily.timer apt-daily-upgrade.timer apt-daily.service apt-daily-upgrade.service\n' | on "$1"
    altered "$(find "$current/" -name "$2_${3#*:}_*.deb")" "$one_more_byte" expect 100 on "$1" <<SCRIPT
exec 2>&1
apt-get clean
apt-get -q -y install --reinstall --download-only $2=$3
SCRIPT
    grep -qE 'unexpected size|Hash Sum mismatch' "$work/out" || fail "$1 refused the package for another reason" "$(cat "$work/out")"
    altered "$current/dists/$canary_channel/InRelease" 's/^Origin: patchlab$/Origin: patchlub/' expect 100 on "$1" <<'SCRIPT'
exec 2>&1
apt-get -q update --error-on=any
SCRIPT
    grep -q 'signatures were invalid' "$work/out" || fail "$1 refused the index for another reason" "$(cat "$work/out")"
    note "a package and an index of the channel: refused by $1's own apt"
    expect 0 on "$1" <<SCRIPT
exec 2>&1
apt-get -q update --error-on=any
apt-get -q -y install --reinstall --download-only $2=$3
systemctl start apt-daily.timer apt-daily-upgrade.timer
SCRIPT
}

copy_of_state() { # FOLDER: keys, audit heads and database
    rm -rf "$1"
    mkdir "$1"
    cp -r "$state/keys" "$state/audit" "$1/"
    python3 - "$state/patchlab.db" "$1/patchlab.db" <<'PROGRAM'
import sqlite3, sys
sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))
PROGRAM
}

# With his own key somebody writes an approval in rhea's name straight into the database, as patchlab would have written it. In a copy.
forged_approval() { # RUN: not approved yet
    local copy=$work/copy policy evidence=$state/runs/$1/evidence
    copy_of_state "$copy"
    mkdir -p "$copy/runs/$1"
    cp -r "$evidence" "$copy/runs/$1/"
    [ ! -e "$state/catalog" ] || cp -r "$state/catalog" "$copy/"
    policy=$(as rhea policy explain "$1" --json | jq -r .policy.digest || true)
    openssl genpkey -algorithm ed25519 -out "$work/forger.pem" 2>/dev/null
    python3 "$here/forge_approval.py" "$copy/patchlab.db" "$evidence" "$1" "$policy" rhea "$work/forger.pem"
    expect 1 "$program" --state "$copy" --as rhea catalog promote "$1" --to ring-0 2>"$work/refusal"
    sed 's/^/    | /' "$work/refusal" >&2
    grep -q 'signed by none of the trusted keys' "$work/refusal" || fail "the forged approval was refused for another reason" "$(cat "$work/refusal")"
    rm -rf "$copy"
    note "an approval forged in rhea's name: refused"
}

tampered_audit_trail() {
    local copy=$work/copy
    copy_of_state "$copy"
    expect 0 "$program" --state "$copy" audit verify
    python3 - "$copy/patchlab.db" <<'PROGRAM'
import sqlite3, sys
trail = sqlite3.connect(sys.argv[1])
trail.execute("DROP TRIGGER governance_audit_stays")
trail.execute("UPDATE governance_audit SET user = 'nobody' WHERE seq = (SELECT max(seq) / 2 FROM governance_audit)")
trail.commit()
PROGRAM
    expect 1 "$program" --state "$copy" audit verify
    rm -rf "$copy"
    note "a row of the audit trail: found"
}

tampering() { # ENTRY PATCH, while hosts follow the channel that offers it
    begin "somebody alters evidence, an approval, a package, a channel, the audit trail"
    definition tampered
    tampered_entry "$1"
    tampered_channel "$(awk -v channel="$canary_channel" '$2 == channel { print $1; exit }' "$work/followers")" "$(row "$2" name)" "$(row "$2" to)"
    tampered_audit_trail
}
