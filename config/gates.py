"""Gates of views that are not ours, by URL name; a view that neither declares a gate nor is listed here is refused.

What allauth offers and we do not use (sign-up, e-mail management, password reset by mail) is left out on purpose: it stays shut.
"""

from outreach.access import PUBLIC, SIGNED_IN, declare

GATES = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_reauthenticate": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "mfa_authenticate": PUBLIC,  # between the password and the second factor nobody is signed in yet
    "mfa_index": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_reauthenticate_webauthn": SIGNED_IN,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": SIGNED_IN,
    "mfa_edit_webauthn": SIGNED_IN,
    "mfa_remove_webauthn": SIGNED_IN,
    "usersessions_list": SIGNED_IN,
    "set_language": PUBLIC,
}


def declare_all() -> None:
    for name, gate in GATES.items():
        declare(name, gate)
