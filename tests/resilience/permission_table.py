"""Who sees what, written by hand from the design's table of roles, never from the access rules: the walk holds each route to it.

A route without a line here fails. Whoever adds one says who may come, and about what of whose.
"""

from dataclasses import dataclass

ANYONE, ACCOUNT, SETTING_UP, ANONYMOUS = (
    frozenset({"anyone"}),
    frozenset({"account"}),
    frozenset({"setting up"}),
    frozenset[str](),
)
"""Without an account; with any account, second factor where the role asks for one; with any account; shut."""

TEAM = frozenset({"worker", "lead"})
LEAD = frozenset({"lead"})
COORDINATION = frozenset({"coordinator"})
PLANNING = frozenset({"coordinator", "lead"})
ADMINISTRATION = frozenset({"admin"})
CONTROL = frozenset({"auditor"})
BOOKS = frozenset({"auditor", "admin"})
STRONG = frozenset({"coordinator", "admin", "auditor"})
"""Roles that see more than one night of one team prove a second factor first."""

OWN_TEAM, OWN_TENANT, ALL_OF_IT_OR_OWN_TEAM, OWN, NONE = (
    "own team",
    "own association",
    "planning",
    "own",
    "none",
)
"""How far a route reaches: objects of one's teams, of one's association, as the role (a coordinator all, a lead the
own team's), of one's own account, or no object at all.
"""


@dataclass(frozen=True)
class Line:
    """Who may come by GET, POST or both; `about`: the kind of object its address names."""

    who: frozenset[str]
    methods: str = "GET"
    about: str = ""
    reach: str = NONE
    sends: str = ""
    """What a POST carries: the name of a form in tests/resilience/permission_forms.py; empty sends nothing."""


BOTH, POST = "GET POST", "POST"


def _round(who: frozenset[str], methods: str, sends: str = "", reach: str = OWN_TEAM) -> Line:
    return Line(who, methods, "round", reach, sends)


def _member(methods: str = POST, sends: str = "") -> Line:
    return Line(ADMINISTRATION, methods, "member", OWN_TENANT, sends)


LINES: dict[str, Line] = {
    # Anybody: what the service is, the way in, the machine's health, hashes that prove the log.
    "home": Line(ANYONE),
    "healthz": Line(ANYONE),
    "set_language": Line(ANYONE, BOTH, sends="language"),
    "invitation": Line(ANYONE, BOTH, sends="token"),
    "invitation_accept": Line(ANYONE, BOTH),
    "help:index": Line(ANYONE),
    "help:guide": Line(ANYONE, about="guide"),
    "account_login": Line(ANYONE, BOTH, sends="login"),
    "account_logout": Line(ANYONE, BOTH),
    "account_inactive": Line(ANYONE),
    "account_reset_password": Line(ANYONE, BOTH, sends="login"),
    "mfa_authenticate": Line(ANYONE, BOTH),
    "auditing:checkpoint": Line(ANYONE, about="root"),
    "demo:switch": Line(ANYONE, BOTH, sends="demo"),
    # Whoever has an account, for that account.
    "account_reauthenticate": Line(SETTING_UP, BOTH),
    "mfa_index": Line(SETTING_UP),
    "mfa_reauthenticate": Line(SETTING_UP, BOTH),
    "mfa_activate_totp": Line(SETTING_UP, BOTH),
    "mfa_deactivate_totp": Line(SETTING_UP, BOTH),
    "mfa_view_recovery_codes": Line(SETTING_UP),
    "mfa_generate_recovery_codes": Line(SETTING_UP, BOTH),
    "mfa_download_recovery_codes": Line(SETTING_UP),
    "mfa_list_webauthn": Line(SETTING_UP),
    "mfa_add_webauthn": Line(SETTING_UP, BOTH),
    "mfa_reauthenticate_webauthn": Line(SETTING_UP, BOTH),
    "mfa_edit_webauthn": Line(SETTING_UP, BOTH, "key", OWN),
    "mfa_remove_webauthn": Line(SETTING_UP, BOTH, "key", OWN),
    "account_change_password": Line(ACCOUNT, BOTH),
    "usersessions_list": Line(ACCOUNT, BOTH),
    "membership:choose": Line(SETTING_UP),
    "membership:switch": Line(SETTING_UP, POST, sends="switch"),
    # Shut: members come by invitation.
    "account_signup": Line(ANONYMOUS),
    "account_set_password": Line(ANONYMOUS),
    "account_email": Line(ANONYMOUS),
    "account_email_verification_sent": Line(ANONYMOUS),
    "account_confirm_email": Line(ANONYMOUS, about="word"),
    "account_confirm_login_code": Line(ANONYMOUS),
    "account_reset_password_done": Line(ANONYMOUS),
    "account_reset_password_from_key": Line(ANONYMOUS, about="word"),
    "account_reset_password_from_key_done": Line(ANONYMOUS),
    # The field: a team's rounds, notes and squares, and nobody else's.
    "field:tonight": Line(TEAM),
    "field:notes": Line(TEAM),
    "field:plan": Line(LEAD, POST, sends="plan"),
    "field:round": _round(TEAM, "GET"),
    "field:start": _round(LEAD, POST),
    "field:cancel": _round(LEAD, POST),
    "field:count": _round(TEAM, BOTH, "count"),
    "field:encounter": _round(TEAM, BOTH, "encounter"),
    "field:erase": _round(TEAM, POST, "erase"),
    "field:close": _round(TEAM, BOTH),
    "field:phones": _round(LEAD, BOTH),
    "field:sent": _round(TEAM, "GET"),
    "field:reopen": _round(LEAD, POST),
    "maps:team": Line(TEAM),
    "api:tonight": Line(TEAM),
    "api:drafts": _round(TEAM, POST, "drafts"),
    "api:close": _round(TEAM, POST, "close"),
    # Coordination: finished weeks, coverage, the agenda; a lead plans the own team's nights.
    "maps:coordinator": Line(COORDINATION),
    "coordination:home": Line(COORDINATION),
    "coordination:coverage": Line(COORDINATION),
    "coordination:agenda": Line(PLANNING, BOTH, sends="agenda"),
    "coordination:cancel": _round(PLANNING, POST, reach=ALL_OF_IT_OR_OWN_TEAM),
    "coordination:restore": _round(PLANNING, POST, reach=ALL_OF_IT_OR_OWN_TEAM),
    # Administration: members and teams, no map.
    "coordination:members": Line(ADMINISTRATION),
    "coordination:invite": Line(ADMINISTRATION, BOTH, sends="invite"),
    "coordination:invitation_withdraw": Line(ADMINISTRATION, POST, "invitation", OWN_TENANT),
    "coordination:member": _member(BOTH, "roles"),
    "coordination:member_end": _member(BOTH),
    "coordination:member_return": _member(),
    "coordination:member_sign_out": _member(),
    "coordination:member_reset_factors": _member(),
    "coordination:member_link": _member(),
    # One's own wish for a role that reads, answered by administrators; refused by an auditor.
    "coordination:role_confirm": Line(ADMINISTRATION, POST, "request", OWN_TENANT),
    "coordination:role_cancel": Line(ADMINISTRATION, POST, "request", OWN_TENANT),
    "auditing:role_refuse": Line(CONTROL, POST, "request", OWN_TENANT),
    "coordination:teams": Line(ADMINISTRATION, BOTH, sends="team"),
    "coordination:team_active": Line(ADMINISTRATION, POST, "team", OWN_TENANT),
    # Control: the account book, bands, the log; the administration reads the book too.
    "auditing:ledger": Line(BOOKS),
    "auditing:consent": Line(CONTROL),
    "auditing:log": Line(CONTROL),
    "auditing:check": Line(CONTROL, BOTH, sends="seal"),
}
