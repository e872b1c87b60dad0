"""Tests: packages mirror those of peertube; what crosses many parts lies at the top or in end_to_end."""

from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")  # nothing may depend on the machine being quick
