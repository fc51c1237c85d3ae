#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Renders every screen of the console from the documents of a sample state into static pages.

usage: render_samples.py BIN_FOLDER PATCHLAB_SIM STATE OUT
"""
import datetime
import json
import pathlib
import subprocess
import sys

TOOLS, SIM, STATE, OUT = (pathlib.Path(word) for word in sys.argv[1:5])


def sim(*words):
    done = subprocess.run([SIM, "-C", STATE, *words, "--json"], check=True, capture_output=True,
                          text=True)
    return json.loads(done.stdout)


def visits():
    runs = sim("run", "list")["runs"]
    rollouts = sim("rollout", "list")["rollouts"]
    by_verdict = {}
    for run in runs:
        by_verdict.setdefault(run["verdict"] or run["state"], run["id"])
    slow = next((r["id"] for r in runs
                 if any(reason["kind"] == "regression"
                        for reason in sim("run", "show", r["id"])["reasons"])), runs[-1]["id"])
    review = by_verdict["needs-review"]
    changed = next(r["id"] for r in runs if "openssl" in r["patches"][0])
    rejected = by_verdict["rejected"]
    entry = sim("catalog", "list")["entries"][0]["id"]
    taken = sim("catalog", "list")["entries"][-1]["id"]
    yield "today", "/", {}
    yield "patches", "/patches", {}
    yield "patch", "/patches/" + sim("patch", "list")["patches"][0]["id"], {}
    yield "runs", "/runs", {}
    yield "runs-none", "/runs", {"state": "queued"}
    yield "run-live", "/runs/" + next(r["id"] for r in runs if not r["verdict"]), {}
    yield "run-rejected", "/runs/" + rejected, {}
    yield "run-review", "/runs/" + review, {}
    yield "run-slow", "/runs/" + slow, {}
    yield "changes", f"/runs/{changed}/changes", {"only": "review", "file": "/etc/passwd"}
    yield "changes-all", f"/runs/{changed}/changes", {}
    yield "compare", f"/runs/{rejected}/compare", {"other": slow}
    yield "decision", f"/runs/{review}/decision", {}
    yield "labs", "/labs", {}
    yield "lab", "/labs/web-shop", {}
    yield "images", "/images", {}
    yield "image", "/images/debian-12-web", {}
    yield "catalog", "/catalog", {}
    yield "entry", "/catalog/" + entry, {}
    yield "entry-quarantined", "/catalog/" + taken, {}
    yield "channel", "/channels/ring-0", {}
    yield "rollouts", "/rollouts", {}
    yield "rollout-new", "/rollouts/new", {}
    for rollout in rollouts:
        yield "rollout-" + rollout["state"], "/rollouts/" + rollout["id"], {}
    yield "hosts", "/hosts", {}
    yield "host", "/hosts/web-01", {}
    yield "cve", "/cve", {"id": "CVE-2026-1234"}
    yield "cves", "/cve", {}
    yield "audit", "/audit", {}
    yield "users", "/users", {}
    yield "user", "/users/rhea", {}
    yield "policy", "/policy", {}
    yield "notices", "/notices", {}
    yield "doctor", "/doctor", {}
    yield "management", "/management", {}
    yield "session", "/session", {}
    yield "tokens", "/tokens", {}
    yield "login", "/login", {}
    yield "search", "/search", {"q": "nginx"}
    yield "help", "/help", {}


def main():
    documents = OUT / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    (documents / "now.json").write_text(json.dumps(now))
    (documents / "visits.json").write_text(json.dumps(
        [{"name": n, "path": p, "query": q} for n, p, q in visits()], indent=1))
    calls = subprocess.run([TOOLS / "render_screens", documents, "--calls"], check=True,
                           capture_output=True, text=True).stdout
    once = "\n".join(dict.fromkeys(calls.splitlines())) + "\n"
    answers = subprocess.run([TOOLS / "record_answers", STATE, "rhea"], check=True, input=once,
                             capture_output=True, text=True).stdout
    (documents / "answers.jsonl").write_text(answers)
    subprocess.run([TOOLS / "render_screens", documents, OUT, "rhea", "release-manager"],
                   check=True)


main()
