"""Tests of what the node can do."""
