#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""axe over every screen, rendered from the recorded documents, in each theme and width.

usage: static_test.py RENDER_SCREENS DOCUMENTS CACHE
"""
import pathlib
import subprocess
import sys
import tempfile

from needs import skip

try:
    from axe import axe_source, violations
    from driver import LOOKS, browser, missing_tool, set_look
except ImportError as error:
    skip(f"{error}: install python3-selenium")


def overflows(driver):
    return driver.execute_script(
        "return document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")


def check(driver, page, axe):
    problems = []
    for width, theme in LOOKS:
        set_look(driver, width, theme)
        driver.get(page.resolve().as_uri())
        if overflows(driver):
            problems.append(f"{page.stem} at {width}: it is wider than the window")
        driver.execute_script(axe)
        problems += [f"{page.stem} {width} {theme}: {line}" for line in violations(driver)]
    return problems


def main():
    render, documents, cache = sys.argv[1:4]
    if missing_tool():
        skip(f"{missing_tool()} is not there: install chromium and chromium-driver")
    axe = axe_source(cache)
    if axe is None:
        skip("axe-core cannot be had: npm, or its registry, is missing")
    problems = []
    with tempfile.TemporaryDirectory() as pages:
        subprocess.run([render, documents, pages], check=True)
        with browser() as driver:
            driver.set_script_timeout(60)
            shown = sorted(pathlib.Path(pages).glob("*.html"))
            for page in shown:
                problems += check(driver, page, axe)
    for problem in problems:
        print(problem)
    print(f"{len(shown)} pages in {len(LOOKS)} looks, {len(problems)} problems")
    sys.exit(1 if problems or not shown else 0)


main()
