"""The three bands in which a count may be read by an auditor, or kept for good: 0–19, 20–49, 50+.

Rule of the module: there is one set of bands. Two sets laid over each other would narrow a count down to where they differ; the
statement that coarsens the account book (`privacy.retention.ledger`) and the view of consents hold the same three.
"""

FLOORS = (50, 20, 0)
LABELS = {0: "0–19", 20: "20–49", 50: "50+"}


def floor(count: int) -> int:
    """The least number of the band that `count`, 0 or more, falls into."""
    return next(least for least in FLOORS if count >= least)


def label(count: int) -> str:
    """The band of `count` as a page shows it."""
    return LABELS[floor(count)]
