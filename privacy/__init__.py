"""Every mechanism that protects a person met in the street, or a worker who met them.

Rule of the package: it knows associations, people and workers only as opaque UUIDs, and imports no other app.
"""
