"""The work itself: associations, their people and places, rounds, and what a round records with consent.

Rule of the room: a page declares its gate (`outreach.access`), and sealed records are opened in `outreach.records.reading`
only. Nothing here imports `maps`, `tension` or `config`.
"""
