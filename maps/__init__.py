"""Aggregates: the team's own squares, the coordinator's kilometre by week, the sealed months that a release will count from.

Rule of the package: nothing here stores a record or a place in clear; a map is opened on read, the team's from its own
records and the coordinator's from sealed sums.
"""
