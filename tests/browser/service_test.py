#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""People do their work in the console of a real service, by mouse, by keyboard, without script.

usage: service_test.py PATCHLAB_SIM STATE CACHE
STATE is a sample state (sample_state.py); it is changed.
"""
import json
import sys
import time
import traceback

SKIPPED = 77

try:
    from selenium.webdriver.common.keys import Keys
    from axe import axe_source, violations
    from driver import browser, set_look
    from service import PASSWORD, Person, service
except ImportError as error:
    print(f"skipped: {error}: install python3-selenium")
    sys.exit(SKIPPED)

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


@test
def every_screen_of_the_real_service_has_no_violation(serving, driver, axe):
    person = Person(driver, serving.address).sign_in("rhea")
    run = undecided(serving)[0]
    problems = []
    for path in ("/", "/patches", "/runs", f"/runs/{run}", f"/runs/{run}/changes",
                 f"/runs/{run}/decision", "/catalog", "/rollouts", "/rollouts/new", "/hosts",
                 "/labs", "/images", "/audit", "/policy", "/notices", "/users", "/tokens",
                 "/session", "/management", "/help", "/cve", "/search?q=nginx"):
        for width, theme in ((390, "dark"), (1280, "light")):
            set_look(driver, width, theme)
            person.go(path)
            assert "Internal Server" not in person.text(), path
            if axe:
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
        assert "you typed '1'" in person.text()
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


def main():
    sim, state, cache = sys.argv[1:4]
    axe = axe_source(cache)
    failed = 0
    with service(sim, state) as serving, browser() as driver:
        driver.set_script_timeout(60)
        set_look(driver, 1280, "light")
        for one in TESTS:
            if len(sys.argv) > 4 and one.__name__ not in sys.argv[4:]:
                continue
            try:
                one(serving, driver, axe)
                print("ok    ", one.__name__, flush=True)
            except Exception:  # a failed test must not keep the others from running
                failed += 1
                print("FAILED", one.__name__, flush=True)
                traceback.print_exc()
    print(f"{len(TESTS)} tests, {failed} failed")
    sys.exit(1 if failed else 0)


main()
