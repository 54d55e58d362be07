"""Who works here: accounts, roles, teams, invitations, sessions, and the middleware that gives each request its membership.

Rule of the package: what is kept of a worker is an address, a chosen name and a day; nothing here counts or times anybody.
"""
