"""Tests of `peertube.api`."""
