"""Tests of `peertube.delivery`."""
