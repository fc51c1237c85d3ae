#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a state folder in which every screen of the console has something to show.

usage: sample_state.py PATCHLAB_SIM PLAYED_IMAGE STATE

Machines and hosts are simulated. Packages are tiny ones, built with dpkg-deb. The state holds three
labs, runs of each verdict, decisions, a catalog with two channels, hosts, and three rollouts.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SIM, IMAGE, STATE = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
WORK = pathlib.Path(tempfile.mkdtemp(prefix="console-sample-"))
SCRIPT = STATE.with_name(STATE.name + ".script.json")  # of the simulated machines, later ones too


def sim(*words, user="root", script=None, fine=(0,), environment=None):
    if script is not None:
        SCRIPT.write_text(json.dumps(script))
    call = [SIM, "-C", str(STATE)] + (["--as", user] if user != "root" else []) + list(words)
    done = subprocess.run(call, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, PATCHLAB_FAKE_SCRIPT=str(SCRIPT), **(environment or {})))
    if done.returncode not in fine:
        sys.exit(f"{' '.join(call)}\n{done.stdout}{done.stderr}")
    return done.stdout


def package(name, version):
    root = WORK / f"{name}-{version}"
    (root / "DEBIAN").mkdir(parents=True)
    share = root / "usr/share" / name
    share.mkdir(parents=True)
    # the same in each version: simulated machines do not exchange files
    (share / "about").write_text("a sample\n")
    (root / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: {version}\nArchitecture: amd64\n"
        "Maintainer: Sample <sample@example.org>\nDescription: a sample\n")
    deb = WORK / f"{name}_{version.replace(':', '%3a')}_amd64.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", str(root), str(deb)], check=True,
                   stdout=subprocess.DEVNULL)
    return str(deb)


def write(name, text):
    path = WORK / name
    path.write_text(text)
    return str(path)


PLAIN = {"packages": {"hello": "1.0", "other": "5", "nginx": "1.22.1-9+deb12u3",
                      "openssl": "3.0.11-1~deb12u2"}}


def newest_run():
    return json.loads(sim("run", "list", "--json"))["runs"][0]["id"]


def rehearse(lab, patches, script, *more, user="tess"):
    words = ["run", "start", "--lab", lab]
    for patch in patches:
        words += ["--patch", patch]
    sim(*words, *more, user=user, script=dict(PLAIN, **script), fine=(0, 1, 3, 5))
    return newest_run()


def people():
    for name, role in (("tess", "tester"), ("rhea", "release-manager"), ("sam", "system-owner"),
                       ("vera", "viewer")):
        sim("user", "add", name, "--role", role)
    policy = """schema: patchlab/policy/v1
name: sample
played-runs: accepted
verdicts: [validated, needs-review]
suites: [base]
drill: restore
approvals: [{ role: release-manager }]
needs-review: { approvals: [{ role: system-owner }] }
criticality:
  mission-critical: { approvals: [{ role: system-owner }] }
waivers: { longest-days: 30, never: [verdict] }
"""
    sim("policy", "add", write("policy.yaml", policy))


def labs():
    for name, product in (("debian-12-web", "Debian GNU/Linux 12 (bookworm)"),
                          ("debian-12-db", "Debian GNU/Linux 12 (bookworm)")):
        subprocess.run([IMAGE, str(STATE), name, product], check=True)
    shop = """schema: patchlab/lab/v1
name: web-shop
description: the public shop and its database
machines:
  front: { image: debian-12-web, suites: [base, nginx], criticality: business-critical }
  db: { image: debian-12-db, suites: [base, postgresql], criticality: mission-critical }
networks:
  dmz: { machines: [front, db] }
"""
    intranet = """schema: patchlab/lab/v1
name: intranet
description: one web server of the intranet
machines:
  web: { image: debian-12-web, suites: [base, nginx] }
"""
    for name, text in (("web-shop", shop), ("intranet", intranet)):
        sim("lab", "add", write(name + ".yaml", text))


def keep_old_versions():
    """As an image that was built does: the way back can be practised."""
    old = {name: package(name, version) for name, version in (("hello", "1.0"), ("other", "5"))}
    for image in (STATE / "images").glob("*.qcow2"):
        pool = image.with_suffix(".debs")
        pool.mkdir()
        for deb in old.values():
            shutil.copy(deb, pool)
    return old


def main():
    SCRIPT.write_text(json.dumps(PLAIN))
    sim("init")
    people()
    labs()
    old = keep_old_versions()
    for name, version in (("hello", "2.0"), ("nginx", "1.22.1-9+deb12u4"),
                          ("openssl", "3.0.15-1~deb12u1"), ("other", "6")):
        sim("patch", "add", package(name, version), user="tess")
    patch_of = {p["source"] or p["id"]: p["id"]
                for p in json.loads(sim("patch", "list", "--json"))["patches"]}
    ids = list(patch_of.values())
    hello = next(i for i in ids if i.startswith("hello"))
    nginx = next(i for i in ids if i.startswith("nginx"))
    openssl = next(i for i in ids if i.startswith("openssl"))
    other = next(i for i in ids if i.startswith("other"))

    good = rehearse("intranet", [hello], {})
    second = rehearse("intranet", [other], {})
    for run in (good, second):
        sim("approve", run, "--reason", "read the report, the changes are meant", user="rhea")
        sim("approve", run, "--reason", "the shop team agrees", user="sam")
    rehearse("web-shop", [nginx], {"fail_after": ["nginx/front page answers"],
                                   "adds_port": "tcp/4444"})
    rehearse("web-shop", [nginx], {"slow_after": ["nginx/front page answers"]})
    rehearse("web-shop", [openssl], {"adds_port": "tcp/4444",
                                     "changes_file": "/etc/passwd",
                                     "text_before": "root:x:0:0\n",
                                     "text_after": "root:x:0:0\n<b>eve</b>:x:0:0\n"})
    rehearse("intranet", [other], {"unknown_after": ["base/no failed units"]})
    wanted = rehearse("web-shop", [other], {"adds_port": "tcp/8443"})
    # its worker dies in the middle, as with a host that loses its power
    sim("run", "start", "--lab", "intranet", "--patch", nginx, "--detach", user="tess",
        script=PLAIN, environment={"PATCHLAB_FAULT": "apply:kill"})

    hosts_and_rollouts(good, second, old, wanted)


def hosts_and_rollouts(good, second, old, wanted):
    entries = []
    for run, name in ((good, "hello"), (second, "other")):
        entries.append(json.loads(sim("catalog", "add", run, "--old", old[name], "--json",
                                      user="rhea"))["id"])
        sim("catalog", "promote", entries[-1], "--to", "ring-0", "--publish", user="rhea")
    entry, later = entries
    sim("catalog", "promote", later, "--to", "ring-1", user="rhea")
    hosts = "name,groups,criticality,owners,window\n"
    for i in range(1, 25):
        level = ("business-operational", "business-critical", "mission-critical")[i % 3]
        hosts += f"web-{i:02},web,{level},sam,\n"
    for i in range(1, 7):
        hosts += f"db-{i},db,mission-critical,sam,\n"
    sim("inventory", "import", write("hosts.csv", hosts), "--source", "cmdb", user="rhea")

    definition = """schema: patchlab/rollout/v1
name: {name}
rings:
  - {{ name: canary, count: 2, soak: 1h, concurrency: 1 }}
  - {{ name: early, percent: 25, soak: 1h, concurrency: 2 }}
  - {{ name: rest, rest: true, soak: 1h, concurrency: 4 }}
"""

    def script(name, special, time):
        document = {"schema": "patchlab/simulation/v1", "time": time,
                    "default": {"versions": {"hello": "1.0"}, "seconds": 0.05},
                    "generate": [{"prefix": "web-", "count": 20, "groups": ["web"]}],
                    "hosts": special}
        return write(name + ".json", json.dumps(document))

    def rollout(name, special, time="jumps", detach=False, entry=entry):
        words = ["rollout", "start", write(name + ".yaml", definition.format(name=name)),
                 "--entry", entry, "--simulate", script(name, special, time)]
        sim(*words, *(["--detach"] if detach else []), user="rhea", fine=(0, 1))

    rollout("web-night", {"web-11": {"seconds": 900}}, time="real", detach=True, entry=later)
    rollout("web-spring", {"web-7": {"off": 2}})
    rollout("web-summer", {"web-3": {"checks": {"base/no failed units": {"patched": "fail"}}},
                           "web-4": {"steps": {"install": "fail"}},
                           "web-9": {"steps": {"install": "wrong-version", "back-out": "fail"}}})
    sim("waive", wanted, "--requirement", "drill", "--reason",
        "no old version of this package exists", "--expires", "2026-12-20", user="rhea",
        fine=(0, 1, 2, 4))
    SCRIPT.write_text(json.dumps(PLAIN))
    print("sample state:", STATE)


main()
