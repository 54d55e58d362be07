"""The connection with row security: on whose behalf a transaction reads, told to PostgreSQL at its start (docs/adr/0009).

Rule of the package: what a role may see is written in migrations with `rowsecurity`; a filter in Python is a convenience.
"""
