"""Tests: packages mirror those of peertube; what crosses many parts lies at the top or in end_to_end."""
