"""The work itself: associations, their people and places, rounds, and what a round records with consent.

Rule of the package: a page declares its access rule (`outreach.access`), sealed records are opened in
`outreach.records.selectors` only. Nothing here imports `maps`, `tension` or `config`.
"""
