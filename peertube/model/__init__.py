"""Frozen records and enums: the nouns of a pod. Pure: no I/O, no clock, no randomness."""
