"""Access rules of views that cannot carry their own, by full URL name: a library's, and those of packages below `outreach`.

A view that neither declares a rule nor is listed here is refused, and fails a test; a name listed here that is no
route fails it too.
"""

from outreach.access import (
    DISABLED,
    LOGIN_NOT_REQUIRED,
    LOGIN_REQUIRED,
    SECOND_FACTOR_NOT_REQUIRED,
    AccessRule,
    declare,
)

ACCESS_RULES: dict[str, AccessRule] = {
    "set_language": LOGIN_NOT_REQUIRED,
    # Signing in and out. Between the password and the second factor nobody is signed in yet.
    "account_login": LOGIN_NOT_REQUIRED,
    "account_logout": LOGIN_NOT_REQUIRED,
    "account_inactive": LOGIN_NOT_REQUIRED,
    "mfa_authenticate": LOGIN_NOT_REQUIRED,
    # What a lost password needs is said on a page; the form behind it sends nothing.
    "account_reset_password": LOGIN_NOT_REQUIRED,
    # Setting up a second factor, and proving who one is for it.
    "account_reauthenticate": SECOND_FACTOR_NOT_REQUIRED,
    "mfa_index": SECOND_FACTOR_NOT_REQUIRED,
    "mfa_activate_totp": SECOND_FACTOR_NOT_REQUIRED,
    "mfa_deactivate_totp": SECOND_FACTOR_NOT_REQUIRED,
    "mfa_view_recovery_codes": SECOND_FACTOR_NOT_REQUIRED,
    "mfa_generate_recovery_codes": SECOND_FACTOR_NOT_REQUIRED,
    "mfa_download_recovery_codes": SECOND_FACTOR_NOT_REQUIRED,
    "mfa_reauthenticate": SECOND_FACTOR_NOT_REQUIRED,
    "mfa_reauthenticate_webauthn": SECOND_FACTOR_NOT_REQUIRED,
    "mfa_list_webauthn": SECOND_FACTOR_NOT_REQUIRED,
    "mfa_add_webauthn": SECOND_FACTOR_NOT_REQUIRED,
    "mfa_edit_webauthn": SECOND_FACTOR_NOT_REQUIRED,
    "mfa_remove_webauthn": SECOND_FACTOR_NOT_REQUIRED,
    # One's own account.
    "account_change_password": LOGIN_REQUIRED,
    "usersessions_list": LOGIN_REQUIRED,
    # Not used here: members come by invitation, an invited address is verified, a lost password is answered by an invitation.
    "account_signup": DISABLED,
    "account_set_password": DISABLED,
    "account_email": DISABLED,
    "account_email_verification_sent": DISABLED,
    "account_confirm_email": DISABLED,
    "account_confirm_login_code": DISABLED,
    "account_reset_password_done": DISABLED,
    "account_reset_password_from_key": DISABLED,
    "account_reset_password_from_key_done": DISABLED,
}


def declare_all() -> None:
    for name, rule in ACCESS_RULES.items():
        declare(name, rule)
