#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/images/console.png: a run's result in the console of a real service.

usage: readme_picture.py PATCHLAB_SIM PLAYED_IMAGE FILE
Machines are simulated, as the picture says.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

from driver import browser, photograph, set_look
from service import Person, service

WIDTH, HEIGHT = 1180, 700


def main():
    sim, image, file = sys.argv[1:4]
    with tempfile.TemporaryDirectory(prefix="console-state-") as folder:
        pathlib.Path(folder).chmod(0o755)
        state = pathlib.Path(folder) / "state"
        subprocess.run([sys.executable, pathlib.Path(__file__).with_name("sample_state.py"),
                        sim, image, state], check=True)
        with service(sim, state) as serving, browser() as driver:
            set_look(driver, WIDTH, "light", HEIGHT)
            found = json.loads(serving.run("run", "list", "--json"))["runs"]
            run = next(r["id"] for r in found if r["verdict"] == "needs-review")
            Person(driver, serving.address).sign_in("rhea", f"/runs/{run}")
            photograph(driver, WIDTH, pathlib.Path(file), HEIGHT)


main()
