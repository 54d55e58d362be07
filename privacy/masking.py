"""Counts that a page may show without pointing at anybody.

A page that shows an exact count, or hides it below a threshold, answers whoever adds people of their own: four planted people
make "peu" a number, and the number less four is somebody. So a count comes here as the *shares* of the teams that made it, and
each share is rounded down before it is added: what one team sends, plants or takes back moves its own share and no other.
Whoever knows every share but one learns of that one a multiple of `few`, and never that it lies between 1 and few - 1.
See ADR 24 for the proof, and script/drill differencing for the search that tries to refute it.
"""

from collections.abc import Iterable


def rounded(count: int, few: int) -> int:
    """Return the greatest multiple of `few` not above `count`; 0 says "fewer than few", perhaps nobody.

    For totals without a place. Raises ValueError for a negative count or a `few` below 1.
    """
    if count < 0 or few < 1:
        raise ValueError("count must not be negative, few must be positive")
    return count - count % few


def masked(shares: Iterable[int], few: int) -> int | None:
    """Return what a page may show of one place or need, given how many people each team met there.

    0: nothing is said; no team met `few` people (perhaps nobody did, and that is not told apart).
    None: "peu"; there are people, and a number would tell what a single team met.
    A number: a multiple of `few` not above the sum; without the largest team, and so without the largest encounter, at
    least `few` people remain. Raises as `rounded`.
    """
    parts = [rounded(share, few) for share in shares]
    total = sum(parts)
    if total and total - max(parts) < few:
        return None
    return total
