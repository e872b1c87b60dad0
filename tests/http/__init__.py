"""Tests of `peertube.http`."""
