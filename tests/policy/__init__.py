"""Tests of `peertube.policy`."""
