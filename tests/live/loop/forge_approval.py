# SPDX-License-Identifier: Apache-2.0
"""forge_approval.py DATABASE EVIDENCE RUN POLICY AUTHOR KEY: puts an approval in AUTHOR's name into the
database, in the form of docs/formats/ruling.md and signed with KEY (Ed25519, PEM), which is neither
the author's nor the installation's."""
import base64
import hashlib
import json
import sqlite3
import subprocess
import sys
import tempfile

database, evidence, run, policy, author, key = sys.argv[1:]


def openssl(*words: str) -> bytes:
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


def signed(message: bytes) -> str:
    with tempfile.NamedTemporaryFile() as file:
        file.write(message)
        file.flush()
        return base64.b64encode(
            openssl("pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", file.name)
        ).decode()


with open(f"{evidence}/manifest.json", "rb") as file:
    digest = hashlib.sha256(file.read()).hexdigest()
with open(f"{evidence}/run.json", encoding="utf-8") as file:
    sealed = json.load(file)
public = openssl("pkey", "-in", key, "-pubout").decode()
key_id = hashlib.sha256(openssl("pkey", "-in", key, "-pubout", "-outform", "DER")[-32:]).hexdigest()

with sqlite3.connect(database) as store:
    (time,) = store.execute("SELECT max(time) FROM governance_audit").fetchone()
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "manifest.json", "digest": {"sha256": digest}}],
        "predicateType": "urn:patchlab:ruling:v1",
        "predicate": {
            "kind": "approve",
            "run": run,
            "requester": sealed["requester"],
            "verdict": sealed["verdict"],
            "author": {
                "user": author,
                "role": "release-manager",
                "custody": "state",
                "key": key_id,
                "public_key": public,
            },
            "time": time,
            "reason": "",
            "policy": policy,
            "number": 1,
            "previous": None,
            "account": {"os_user": author, "uid": 1001, "login": "os-account"},
        },
    }
    payload = json.dumps(statement, separators=(",", ":")).encode()
    kind = "application/vnd.in-toto+json"
    message = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
    signature = {"keyid": key_id, "sig": signed(message)}
    envelope = {
        "payloadType": kind,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [signature, signature],
    }
    (last,) = store.execute("SELECT coalesce(max(seq), 0) FROM governance_rulings").fetchone()
    store.execute(
        "INSERT INTO governance_rulings VALUES (?, ?, ?, 'approve', ?, ?, ?)",
        (last + 1, run, digest, author, time, json.dumps(envelope, indent=2) + "\n"),
    )
