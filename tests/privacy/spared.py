"""Triggers that the breaker of rules cannot make refuse, each with the test that sees it work."""

_ROLES = "refuses the web only: tests/outreach/members/test_own_roles.py"
SPARED = {
    "audit_pendingevent.fit()": "stamps the day: tests/privacy/audit/test_web_role.py",
    "django_session.coarsen()": "rounds: tests/test_repository.py",
    "mfa_authenticator.coarsen()": "rounds: tests/outreach/members/test_sign_in.py",
    "outreach_membership.withdraw_links()": "deletes: tests/outreach/members/test_open_links.py",
    **dict.fromkeys(
        ("outreach_membership.guard_own_roles()", "outreach_teammembership.guard_own_teams()"), _ROLES
    ),
}
"""Triggers that do not refuse the owner of the tables, and the test that sees them work."""
