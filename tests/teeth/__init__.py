"""Planted faults: what the suite must find, and the script that plants them one by one (`python -m tests.teeth`)."""
