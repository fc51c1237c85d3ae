#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a sample state (tests/browser/sample_state.py) as large as an installation of years.

usage: large_state.py PATCHLAB_SIM STATE RUNS HOSTS

The finished runs of the state are there many times, under other names and days; their evidence is
the same files. They can be listed and shown. Whoever verifies one is told that it was altered.
"""
import datetime
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

RUNS_A_DAY = 25


def copy_of(value, old, new, time):
    if isinstance(value, str):
        return time if value.startswith("20") and value.endswith("Z") else value.replace(old, new)
    return value


def link_tree(source, target):
    target.mkdir()
    for path in source.rglob("*"):
        other = target / path.relative_to(source)
        if path.is_dir():
            other.mkdir()
        elif path.name == "state.json":
            other.write_text(path.read_text().replace(source.name, target.name))
        else:
            os.link(path, other)


def multiply_runs(state, count):
    database = sqlite3.connect(state / "patchlab.db")
    names = [column[1] for column in database.execute("PRAGMA table_info(runs)")]
    rows = database.execute("SELECT * FROM runs WHERE progress = 'finished'").fetchall()
    places = ",".join("?" * len(names))
    first = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(
        days=count // RUNS_A_DAY + 1)
    for number in range(count):
        row = rows[number % len(rows)]
        old = row[names.index("id")]
        time = first + datetime.timedelta(days=number // RUNS_A_DAY, minutes=number % RUNS_A_DAY)
        new = f"r-{time:%Y%m%d}-{number % RUNS_A_DAY + 5000:04}"
        link_tree(state / "runs" / old, state / "runs" / new)
        database.execute(f"INSERT INTO runs VALUES ({places})",
                         [copy_of(value, old, new, f"{time:%Y-%m-%dT%H:%M:%SZ}") for value in row])
    database.commit()


def add_hosts(sim, state, count):
    levels = ("business-operational", "business-critical", "mission-critical")
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as table:
        table.write("name,groups,criticality,owners,window\n")
        for number in range(count):
            group = ("web", "db", "app", "edge")[number % 4]
            table.write(f"host-{number:06},{group},{levels[number % 3]},sam,\n")
        table.flush()
        subprocess.run([sim, "-C", state, "--as", "rhea", "inventory", "import", table.name,
                        "--source", "bench"], check=True, stdout=subprocess.DEVNULL)


def main():
    sim, state = sys.argv[1], pathlib.Path(sys.argv[2])
    multiply_runs(state, int(sys.argv[3]))
    add_hosts(sim, state, int(sys.argv[4]))


main()
