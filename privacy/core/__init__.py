"""The pure heart: what may exist about a person met on the street, where, sealed how, and until when.

Nothing in this package reads a clock, a setting, a file or a database, and nothing writes a log line. Time, keys and
consent are handed in; a refusal is raised, never returned. It imports the standard library and ``cryptography`` only.
"""
