"""One family of errors. Each carries a code and never a value.

An exception text ends up in logs, error pages and bug reports, so no place, key, name or identifier is ever
put in one. Callers branch on the class (or on ``code``) and raise with ``from None``, so that no inner error
drags a value along.
"""

from typing import ClassVar


class PrivacyError(Exception):
    """Something was refused. ``code`` is the whole message."""

    code: ClassVar[str] = "privacy"

    def __init__(self) -> None:
        super().__init__(self.code)


class ConsentMissing(PrivacyError):
    """No live consent covers this purpose for this subject."""

    code = "consent-missing"


class Unreadable(PrivacyError):
    """Destroyed, tampered with, sealed for another place, under another key: deliberately not told apart."""

    code = "unreadable"


class TooLong(PrivacyError):
    """The text does not fit its constant-size blob. Nothing is ever cut off silently."""

    code = "too-long"


class BadCell(PrivacyError):
    """Not a square of the ladder, or a point outside the extent of the grid."""

    code = "bad-cell"


class BadDraft(PrivacyError):
    """A draft from a phone that does not open, or does not say what it claims to be."""

    code = "bad-draft"


class BadCheckpoint(PrivacyError):
    """A checkpoint of the audit log that is malformed, unsigned or contradicted."""

    code = "bad-checkpoint"


class PolicyRefused(PrivacyError):
    """A setting beyond its legal or protective limit.

    ``field`` names the setting, or is ``"unknown"``: text typed by somebody is never repeated here.
    """

    code = "policy-refused"

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field
