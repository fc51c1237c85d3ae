# SPDX-License-Identifier: Apache-2.0
"""What a test does that lacks a tool: it is skipped, unless somebody counts on it (./check)."""
import os
import sys

SKIPPED = 77


def skip(why):
    required = os.environ.get("PATCHLAB_BROWSER") == "required"
    print("cannot run:" if required else "skipped:", why)
    sys.exit(1 if required else SKIPPED)
