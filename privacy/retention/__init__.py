"""Forgetting: the purge, the erasers that other rooms register with it, and the account book of what is due and done.

Rule of the room: keys die before data, and a purge waits for nothing but another purge.
"""
