"""Settings of all tests: no time limit an example. A busy machine is slow; it is not wrong."""

from hypothesis import HealthCheck, settings

settings.register_profile("jalki", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("jalki")

pytest_plugins = ["tests.servers.fixtures"]
