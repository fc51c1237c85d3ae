# SPDX-License-Identifier: Apache-2.0
# Ansible's output for patchlab: one JSON line a host in the file PATCHLAB_RESULTS, written when the host is through, and an empty line
# on stdout that says "look". The play (ansible.cpp) ends each host with a task whose name begins with PATCHLAB_MARK: "MARK ok" after the
# tasks, "MARK failed" when one of them failed and nothing rescued it. A host without a connection runs no task and is told of at once.
# Nothing of a task's arguments is written: only the host's own messages and its `patchlab_result`.
from __future__ import annotations

import ctypes
import json
import os
import signal
import time

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: patchlab_lines
    type: stdout
    short_description: one JSON line for each host
    description: [tells patchlab how each host ended]
"""

MOST_DETAIL = 4096
MOST_RESULT = 4 << 20
NO_INTERNALS = ("_ansible_", "invocation", "changed", "warnings", "deprecations", "failed")

# Where the host allows no PID namespace around us, at least no worker goes on when Ansible itself was killed (1: PR_SET_PDEATHSIG).
os.register_at_fork(after_in_child=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL))


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "patchlab_lines"

    def __init__(self):
        super().__init__()
        self.mark = os.environ["PATCHLAB_MARK"]
        self.out = open(os.environ["PATCHLAB_RESULTS"], "a", encoding="utf-8")
        self.began, self.why, self.result, self.told = {}, {}, {}, set()

    def tell(self, host, end):
        if host in self.told:
            return
        self.told.add(host)
        result, detail = self.result.pop(host, {}), self.why.pop(host, "")
        line = {"host": host, "end": end, "detail": "" if end == "ok" else detail[:MOST_DETAIL],
                "seconds": time.monotonic() - self.began.get(host, time.monotonic()), "result": result}
        text = json.dumps(line, default=str)
        if len(text) > MOST_RESULT:
            line.update(end="failed", detail="its result is too long", result={})
            text = json.dumps(line, default=str)
        self.out.write(text + "\n")
        self.out.flush()
        print(flush=True)

    # What a task said is remembered; which of it counts is known at the host's end.
    def keep(self, answer):
        host, said = answer._host.get_name(), answer._result
        facts = said.get("ansible_facts")
        if isinstance(facts, dict) and "patchlab_result" in facts:
            self.result[host] = facts["patchlab_result"]
        elif getattr(answer._task, "register", None) == "patchlab_result":
            self.result[host] = {key: value for key, value in said.items() if not key.startswith(NO_INTERNALS)}

    def reason(self, answer):
        said = answer._result
        items = [one for one in said.get("results", []) if isinstance(one, dict) and (one.get("failed") or one.get("unreachable"))]
        if items:
            said = items[0]
        words = [str(said.get(key, "")).strip() for key in ("msg", "stderr", "module_stderr", "exception")]
        words = [word for word in words if word][:2]
        return "%s: %s" % (answer._task.get_name(), ": ".join(words) or "failed without a word")

    def v2_playbook_on_play_start(self, play):
        self.out.write('{"started": true}\n')
        self.out.flush()

    def v2_runner_on_start(self, host, task):
        self.began.setdefault(host.get_name(), time.monotonic())

    def v2_runner_on_ok(self, result):
        host, task = result._host.get_name(), result._task.get_name()
        if task == self.mark + " ok":
            self.tell(host, "ok")
        elif task == self.mark + " failed":
            self.tell(host, "failed")
        else:
            self.keep(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.keep(result)
        if not ignore_errors:
            self.why[result._host.get_name()] = self.reason(result)

    def v2_runner_on_unreachable(self, result):
        if getattr(result._task, "ignore_unreachable", False):
            return
        host = result._host.get_name()
        self.why[host] = self.reason(result)
        self.tell(host, "unreachable")

    # What still has no end: a fault outside the tasks' block. A host without any word stays untold, and so unknown.
    def v2_playbook_on_stats(self, stats):
        for host in list(stats.failures):
            self.tell(host, "failed")
