"""What all tests share."""

from hypothesis import HealthCheck, settings

# A slow machine is no failure; examples are drawn anew at each run, and a failing one is printed to be replayed.
settings.register_profile("kudos", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("kudos")
