"""Measurements: ratios within one run, for these machines are noisy. Nothing here passes or fails by a time."""
