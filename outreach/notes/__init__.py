"""Checking what a worker types before it is sealed: names, numbers, addresses and words that would make it a file on a person.

Rule of the package: pure functions of a text. What is found is not stored, logged or counted; the worker rephrases or keeps.
"""
