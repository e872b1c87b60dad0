"""Whole pods as real processes: real sockets, ffmpeg, libtorrent and Chromium."""
