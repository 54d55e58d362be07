"""Places of work: sectors from a file, the squares that belong to each, and the picker that offers them.

Rule of the package: a place is a sector or a square. No function here takes a point of a person.
"""
