"""The work itself: associations, their people and places, rounds, and what a round records with consent.

Rule of the room: reads of sealed data go through `outreach.access` only; nothing here imports `maps`, `tension` or `config`.
"""
