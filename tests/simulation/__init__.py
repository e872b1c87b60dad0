"""Networks that act at random, with faults, and are equal in the end."""

import os

# Not here: a program that decodes each video once more makes these tests slow.
os.environ.setdefault("PEERTUBE_STORYBOARDS_ENABLED", "false")
