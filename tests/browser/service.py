# SPDX-License-Identifier: Apache-2.0
"""The real service over a sample state with simulated machines, and people who use it."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PASSWORD = "a password of the sample"
PEOPLE = ("tess", "rhea", "sam", "vera")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """patchlab-sim serve on a state folder. May be killed and started again at the same port."""

    def __init__(self, sim, state, folder):
        self.sim, self.state = str(sim), str(state)
        self.environment = dict(os.environ, PATCHLAB_FAKE_SCRIPT=self.state + ".script.json")
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = None
        for person in PEOPLE:
            subprocess.run([self.sim, "-C", self.state, "user", "password", person, "--fd", "0"],
                           input=PASSWORD + "\n", text=True, check=True, capture_output=True)

    def run(self, *words, fine=(0,)):
        done = subprocess.run([self.sim, "-C", self.state, *words], text=True,
                              capture_output=True, stdin=subprocess.DEVNULL,
                              env=self.environment)
        if done.returncode not in fine:
            raise RuntimeError(f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        log = open(self.folder / "serve.log", "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [self.sim, "-C", self.state, "serve", "--listen", f"127.0.0.1:{self.port}",
             "--back-socket", str(self.folder / "back.sock")],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.environment)
        for _ in range(200):
            try:
                with urllib.request.urlopen(self.address + "/healthz", timeout=2):
                    return
            except (OSError, urllib.error.URLError):
                time.sleep(0.1)
        raise RuntimeError("the service does not start: " +
                           (self.folder / "serve.log").read_text(encoding="utf-8")[-2000:])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def end_work_on(state):
    """Runs and rollouts outlive their service: those of this state end with the test."""
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = entry.read_bytes().decode(errors="replace").split("\0")
            if str(state) in words and any(w.startswith("internal-") for w in words):
                os.kill(int(entry.parent.name), signal.SIGKILL)


@contextlib.contextmanager
def service(sim, state):
    with tempfile.TemporaryDirectory(prefix="console-service-") as folder:
        one = Service(sim, state, folder)
        try:
            one.start()
            yield one
        finally:
            one.stop()
            end_work_on(state)


class Person:
    """Somebody in front of a browser."""

    def __init__(self, driver, address):
        self.driver, self.address = driver, address

    def go(self, path):
        self.driver.get(self.address + path)
        return self

    def text(self):
        """Of the page that is there; empty while it gives way to another."""
        try:
            return self.driver.find_element(By.TAG_NAME, "body").text
        except WebDriverException as gone:
            # a chromedriver tells it in either way
            if "stale element" in gone.msg or "does not belong to the document" in gone.msg:
                return ""
            raise

    def path(self):
        return self.driver.execute_script("return location.pathname")

    def wait(self, holds, what):
        WebDriverWait(self.driver, 30).until(lambda _: holds(), what)

    def sees(self, words):
        self.wait(lambda: words in self.text(), f"'{words}' is not on {self.path()}")

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def type(self, selector, words):
        field = self.find(selector)
        field.clear()
        field.send_keys(words)

    def press(self, selector):
        button = self.find(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()

    def sign_in(self, name, path="/"):
        self.driver.delete_all_cookies()
        self.go("/login?next=" + path)
        self.type("#user", name)
        self.type("#password", PASSWORD)
        self.press("form.login button")
        self.wait(lambda: self.path() != "/login", f"{name} is not signed in")
        return self
