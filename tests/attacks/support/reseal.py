# SPDX-License-Identifier: Apache-2.0
"""Changes a sealed evidence folder and seals it anew with a given key: reseal.py FOLDER SECRET-KEY

Only the standard library and openssl(1), so that the attack needs nothing that an attacker has not."""
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile

folder, key = sys.argv[1:3]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def openssl(*words):
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


def write(name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.write(text)


def read(name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def pretty(value):
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


run = json.loads(read("run.json"))
run["summary"] = "sealed anew"
write("run.json", pretty(run))

names = []
for place, _, files in os.walk(folder):
    names += [os.path.relpath(os.path.join(place, file), folder) for file in files]
entries = [
    {"path": name, "size": len(read(name)), "sha256": sha256(read(name))}
    for name in sorted(names, key=lambda name: name.encode())
    if name not in ("manifest.json", "evidence.dsse.json")
]
old = json.loads(read("evidence.dsse.json"))
manifest = json.loads(read("manifest.json"))
manifest["files"] = entries
manifest["checksum"] = ""
manifest["checksum"] = sha256(pretty(manifest).encode())
write("manifest.json", pretty(manifest))

statement = json.loads(base64.b64decode(old["payload"]))
statement["subject"][0]["digest"]["sha256"] = sha256(read("manifest.json"))
payload = json.dumps(statement, separators=(",", ":"), ensure_ascii=False).encode()
kind = b"application/vnd.in-toto+json"
signed = b"DSSEv1 %d %s %d " % (len(kind), kind, len(payload)) + payload
with tempfile.NamedTemporaryFile() as message:
    message.write(signed)
    message.flush()
    signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", message.name)
identity = sha256(openssl("pkey", "-in", key, "-pubout", "-outform", "DER"))
write(
    "evidence.dsse.json",
    pretty(
        {
            "payloadType": kind.decode(),
            "payload": base64.b64encode(payload).decode(),
            "signatures": [{"keyid": identity, "sig": base64.b64encode(signature).decode()}],
        }
    ),
)
