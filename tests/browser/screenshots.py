#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes a picture of each page of a folder, in each theme and width: for eyes.

usage: screenshots.py PAGES OUT [NAME…]
"""
import base64
import pathlib
import sys

from driver import LOOKS, browser, set_look

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
                picture = driver.execute_cdp_cmd(
                    "Page.captureScreenshot", {"captureBeyondViewport": True, "clip": {
                        "x": 0, "y": 0, "width": width, "scale": 1,
                        "height": min(4000, driver.execute_script(
                            "return document.documentElement.scrollHeight"))}})
                (OUT / f"{page.stem}-{width}-{theme}.png").write_bytes(
                    base64.b64decode(picture["data"]))


main()
