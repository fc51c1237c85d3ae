# SPDX-License-Identifier: Apache-2.0
"""Chromium as the tests use it: Debian's own, headless, with a profile of its own."""
import base64
import contextlib
import pathlib
import shutil
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

CHROMIUM = "/usr/bin/chromium"
CHROMEDRIVER = "/usr/bin/chromedriver"
# a phone and a desktop, in each theme
LOOKS = [(width, theme) for width in (390, 1280) for theme in ("light", "dark")]


@contextlib.contextmanager
def browser():
    profile = tempfile.mkdtemp(prefix="console-browser-")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--hide-scrollbars", "--user-data-dir=" + profile):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(service=Service(CHROMEDRIVER), options=options)
    driver.set_page_load_timeout(60)
    try:
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


def set_look(driver, width, theme, height=900):
    """The width of the window in CSS pixels, and the theme that the reader prefers."""
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": theme}]})


def missing_tool():
    """The first that is not installed; None: all are."""
    return next((tool for tool in (CHROMIUM, CHROMEDRIVER) if not pathlib.Path(tool).exists()), None)


def photograph(driver, width, file, most=4000):
    """The whole page that is shown, down to so many pixels."""
    height = driver.execute_script("return document.documentElement.scrollHeight")
    picture = driver.execute_cdp_cmd("Page.captureScreenshot", {
        "captureBeyondViewport": True,
        "clip": {"x": 0, "y": 0, "width": width, "scale": 1, "height": min(most, height)}})
    file.write_bytes(base64.b64decode(picture["data"]))
