"""The experiment: a synthetic city, and later the policies and attacks tried on it.

Nothing here runs in production: the city holds invented people only, and its truth (who met whom,
where) exists so that what leaks through the real services can be measured against it.
"""
