"""Pods that are killed while they work, and what must be left of it: see docs/reliability.rst."""
