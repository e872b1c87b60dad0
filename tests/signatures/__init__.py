"""Tests of `peertube.signatures`."""
