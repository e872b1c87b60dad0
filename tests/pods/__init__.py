"""Tests of `peertube.pods`."""
