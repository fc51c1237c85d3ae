#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes a picture of each page of a folder, in each theme and width: for eyes.

usage: screenshots.py PAGES OUT [NAME…]
"""
import pathlib
import sys

from driver import LOOKS, browser, photograph, set_look

PAGES, OUT, NAMES = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    with browser() as driver:
        for page in sorted(PAGES.glob("*.html")):
            if NAMES and page.stem not in NAMES:
                continue
            for width, theme in LOOKS:
                set_look(driver, width, theme)
                driver.get(page.resolve().as_uri())
                photograph(driver, width, OUT / f"{page.stem}-{width}-{theme}.png")


main()
