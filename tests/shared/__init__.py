"""Tests of what the processes of a pod share."""
