"""Pods that are killed while they work, and what must be left of it: see docs/reliability.rst."""

import os

# Not here: a program that decodes each video once more makes these tests slow.
os.environ.setdefault("PEERTUBE_STORYBOARDS_ENABLED", "false")
