#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""People do their work in the console of a real service, by mouse, by keyboard, without script.

usage: service_test.py PATCHLAB_SIM PLAYED_IMAGE CACHE [--pictures FOLDER] [NAME…]
The state that they work on is made first (sample_state.py). With --pictures, each screen is
photographed in each look, for eyes.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

from needs import skip

try:
    from selenium.webdriver.common.keys import Keys
    from axe import axe_source, violations
    from driver import LOOKS, browser, missing_tool, photograph, set_look
    from service import PASSWORD, Person, service
except ImportError as error:
    skip(f"{error}: install python3-selenium")

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def runs(serving, **wanted):
    found = json.loads(serving.run("run", "list", "--json"))["runs"]
    return [r for r in found if all(r[k] == v for k, v in wanted.items())]


def undecided(serving):
    entries = {e["run"] for e in json.loads(serving.run("catalog", "list", "--json"))["entries"]}
    return [r["id"] for r in runs(serving, verdict="needs-review") if r["id"] not in entries]


def screens(serving):
    run = undecided(serving)[0]
    entry = json.loads(serving.run("catalog", "list", "--json"))["entries"][0]["id"]
    rollouts = json.loads(serving.run("rollout", "list", "--json"))["rollouts"]
    yield from ("/", "/patches", "/runs", f"/runs/{run}", f"/runs/{run}/changes",
                f"/runs/{run}/decision", "/catalog", f"/catalog/{entry}", "/channels/ring-0",
                "/rollouts", "/rollouts/new", "/hosts", "/hosts/web-01", "/labs", "/labs/web-shop",
                "/images", "/audit", "/policy", "/notices", "/users", "/users/rhea", "/tokens",
                "/session", "/management", "/help", "/cve", "/search?q=nginx", "/doctor")
    yield from ("/rollouts/" + rollout["id"] for rollout in rollouts)


@test
def every_screen_of_the_real_service_has_no_violation(serving, driver, axe):
    person = Person(driver, serving.address).sign_in("rhea")
    problems = []
    for number, path in enumerate(screens(serving)):
        # every screen from its recorded documents has all looks: here one of a phone or a desktop
        width, theme = LOOKS[(1, 2)[number % 2]]
        set_look(driver, width, theme)
        person.go(path)
        assert person.find("h1"), path
        assert "Internal Server" not in person.text(), path
        driver.execute_script(axe)
        problems += [f"{path} {width} {theme}: {line}" for line in violations(driver)]
    set_look(driver, 1280, "light")
    logged = [line for line in driver.get_log("browser") if line["level"] == "SEVERE"]
    assert not problems, "\n".join(problems)
    assert not logged, logged


@test
def a_tester_rehearses_by_mouse(serving, driver, axe):
    person = Person(driver, serving.address).sign_in("tess", "/patches")
    before = len(runs(serving))
    person.press("input[name=patch]")
    person.press("button[value=together]")
    person.wait(lambda: person.path().startswith("/runs/r-"), "no run began")
    person.sees("Stages")
    assert len(runs(serving)) == before + 1


@test
def a_viewer_sees_every_control_disabled_with_the_reason(serving, driver, axe):
    run = undecided(serving)[0]
    person = Person(driver, serving.address).sign_in("vera", f"/runs/{run}/decision")
    button = person.find("#form-approve button")
    assert not button.is_enabled()
    assert "This needs the role" in person.text()


@test
def a_release_manager_approves_exactly_what_is_shown(serving, driver, axe):
    run = undecided(serving)[0]
    person = Person(driver, serving.address).sign_in("rhea", f"/runs/{run}/decision")
    digest = json.loads(serving.run("policy", "explain", run, "--json", fine=(0, 1)))["evidence_digest"]
    assert digest in person.text()
    person.type("#approve-reason", "read the report")
    person.press("#form-approve button")
    person.sees("approved by rhea")


@test
def a_decision_that_somebody_else_changed_meanwhile_is_not_taken(serving, driver, axe):
    run = undecided(serving)[1]
    person = Person(driver, serving.address).sign_in("sam", f"/runs/{run}/decision")
    person.type("#approve-reason", "I looked at the ports")
    serving.run("--as", "rhea", "reject", run, "--reason", "the shop is down")
    person.press("#form-approve button")
    person.sees("That was not done")
    assert person.find("#approve-reason").get_attribute("value") == "I looked at the ports"


@test
def keys_alone_lead_through_a_list(serving, driver, axe):
    person = Person(driver, serving.address).sign_in("rhea", "/runs")
    body = person.find("body")
    body.send_keys("j")
    assert person.all("tr.current"), "j chooses no row"
    first = person.find("tr.current th").text
    driver.switch_to.active_element.send_keys("j")
    assert person.find("tr.current th").text != first
    driver.switch_to.active_element.send_keys(Keys.ENTER)
    person.wait(lambda: person.path().startswith("/runs/r-"), "Enter opens nothing")
    person.find("body").send_keys("?")
    person.wait(lambda: person.path() == "/help", "? does not lead to the help")


@test
def a_session_that_ends_while_a_reason_is_typed_loses_nothing(serving, driver, axe):
    run = undecided(serving)[-1]
    person = Person(driver, serving.address).sign_in("rhea", f"/runs/{run}/decision")
    person.type("#reject-reason", "half a page of reasons")
    driver.delete_all_cookies()
    person.press("#form-reject button")
    person.sees("What you typed is kept")
    person.type("#user", "rhea")
    person.type("#password", PASSWORD)
    person.press("form.login button")
    person.wait(lambda: person.all("#reject-reason"), "the form is not there again")
    assert person.find("#reject-reason").get_attribute("value") == "half a page of reasons"


@test
def without_script_a_rollout_is_started_halted_and_backed_out(serving, driver, axe):
    # the sample's own halted rollout: the steering itself is what is tried
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        rollout = next(r for r in json.loads(serving.run("rollout", "list", "--json"))["rollouts"]
                       if r["state"] == "halted")
        person = Person(driver, serving.address).sign_in("rhea", "/rollouts/" + rollout["id"])
        person.type("#back-out-confirm", "1")
        person.press("#form-back-out button")
        person.sees("you typed '1'")
        person.type("#back-out-confirm", str(rollout["hosts"]))
        person.press("#form-back-out button")
        for _ in range(60):
            person.go("/rollouts/" + rollout["id"])
            if "backed out" in person.find("[data-region=state] .summary").text:
                break
            time.sleep(0.5)
        else:
            raise AssertionError("it is not backed out: " + person.text()[:500])
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@test
def six_tabs_hold_one_stream(serving, driver, axe):
    person = Person(driver, serving.address).sign_in("rhea", "/runs")
    first = driver.current_window_handle
    for _ in range(5):
        driver.switch_to.new_window("tab")
        person.go("/runs")
    time.sleep(1.5)
    person.go("/patches")  # a seventh connection would hang if each tab held one
    person.sees("Patches")
    for handle in driver.window_handles:
        if handle != first:
            driver.switch_to.window(handle)
            driver.close()
    driver.switch_to.window(first)


@test
def the_console_goes_on_after_the_service_was_killed(serving, driver, axe):
    person = Person(driver, serving.address).sign_in("rhea", "/rollouts")
    serving.kill()
    serving.start()
    person.go("/rollouts")
    person.sees("Rollouts")
    assert person.path() == "/rollouts"


def take_pictures(serving, driver, folder):
    folder.mkdir(parents=True, exist_ok=True)
    person = Person(driver, serving.address).sign_in("rhea")
    for path in screens(serving):
        name = path.strip("/").translate(str.maketrans("/?=", "---")) or "today"
        for width, theme in LOOKS:
            set_look(driver, width, theme)
            person.go(path)
            photograph(driver, width, folder / f"{name}-{width}-{theme}.png")
    set_look(driver, 1280, "light")


def try_all(tests, serving, driver, axe):
    failed = 0
    for one in tests:
        began = time.monotonic()
        try:
            one(serving, driver, axe)
            word = "ok    "
        except Exception:  # a failed test must not keep the others from running
            failed += 1
            word = "FAILED"
            traceback.print_exc()
        print(f"{word} {time.monotonic() - began:5.1f} s  {one.__name__}", flush=True)
    return failed


def main():
    words = argparse.ArgumentParser()
    for word in ("sim", "image", "cache"):
        words.add_argument(word)
    words.add_argument("--pictures", type=pathlib.Path)
    words.add_argument("names", nargs="*")
    given = words.parse_args()
    if missing_tool():
        skip(f"{missing_tool()} is not there: install chromium and chromium-driver")
    axe = axe_source(given.cache)
    if axe is None:
        skip("axe-core cannot be had: npm, or its registry, is missing")
    tests = [one for one in TESTS if not given.names or one.__name__ in given.names]
    with tempfile.TemporaryDirectory(prefix="console-state-") as folder:
        pathlib.Path(folder).chmod(0o755)  # the accounts of simulated machines walk through it
        state = pathlib.Path(folder) / "state"
        subprocess.run([sys.executable, pathlib.Path(__file__).with_name("sample_state.py"),
                        given.sim, given.image, state], check=True)
        with service(given.sim, state) as serving, browser() as driver:
            driver.set_script_timeout(60)
            set_look(driver, 1280, "light")
            if given.pictures:
                take_pictures(serving, driver, given.pictures)
            failed = try_all(tests, serving, driver, axe)
    print(f"{len(tests)} tests, {failed} failed")
    sys.exit(1 if failed else 0)


main()
