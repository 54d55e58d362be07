"""Forgetting: the purge, the erasers that other packages register with it, and the account book of what is due and done.

Rule of the package: keys die before data, and a purge waits for nothing but another purge.
"""
