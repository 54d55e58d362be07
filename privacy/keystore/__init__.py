"""Keys, in a database of their own, under an epoch that dies at every purge (docs/adr/0010).

Rule of the package: no key is cached, nothing here knows what a key opens, and whoever needs one asks `services`.
"""
