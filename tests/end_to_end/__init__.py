"""Whole pods as real processes: real sockets, ffmpeg, libtorrent and Chromium."""

import os

# Not here: a program that decodes each video once more makes these tests slow.
os.environ.setdefault("PEERTUBE_STORYBOARDS_ENABLED", "false")
