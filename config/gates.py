"""Gates of views that cannot carry their own, by full URL name: a library's, and those of rooms below `outreach`.

A view that neither declares a gate nor is listed here is refused, and fails a test; a name listed here that is no
route fails it too.
"""

from outreach.access import CLOSED, PUBLIC, SETTING_UP, SIGNED_IN, Gate, declare

GATES: dict[str, Gate] = {
    "set_language": PUBLIC,
    # Signing in and out. Between the password and the second factor nobody is signed in yet.
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "mfa_authenticate": PUBLIC,
    # What a lost password needs is said on a page; the form behind it sends nothing.
    "account_reset_password": PUBLIC,
    # Setting up a second factor, and proving who one is for it.
    "account_reauthenticate": SETTING_UP,
    "mfa_index": SETTING_UP,
    "mfa_activate_totp": SETTING_UP,
    "mfa_deactivate_totp": SETTING_UP,
    "mfa_view_recovery_codes": SETTING_UP,
    "mfa_generate_recovery_codes": SETTING_UP,
    "mfa_download_recovery_codes": SETTING_UP,
    "mfa_reauthenticate": SETTING_UP,
    "mfa_reauthenticate_webauthn": SETTING_UP,
    "mfa_list_webauthn": SETTING_UP,
    "mfa_add_webauthn": SETTING_UP,
    "mfa_edit_webauthn": SETTING_UP,
    "mfa_remove_webauthn": SETTING_UP,
    # One's own account.
    "account_change_password": SIGNED_IN,
    "usersessions_list": SIGNED_IN,
    # Not used here: members come by invitation, an invited address is verified, a lost password is answered by an invitation.
    "account_signup": CLOSED,
    "account_set_password": CLOSED,
    "account_email": CLOSED,
    "account_email_verification_sent": CLOSED,
    "account_confirm_email": CLOSED,
    "account_confirm_login_code": CLOSED,
    "account_reset_password_done": CLOSED,
    "account_reset_password_from_key": CLOSED,
    "account_reset_password_from_key_done": CLOSED,
}


def declare_all() -> None:
    for name, gate in GATES.items():
        declare(name, gate)
