"""How well one order tells another: Kendall's tau, and what a mean of it over rounds may be off by.

Rule of the module: a round is one observation. What lies at the same place tells nothing (ties count as neither agreement nor
disagreement), and the interval is drawn over whole rounds, never over pairs: pairs of one round hang together.
"""

import random
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Any

RESAMPLES = 2000
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Found:
    """Mean tau over `rounds`, and the interval of that mean (95 %, rounds drawn with replacement)."""

    mean: float
    low: float
    high: float
    rounds: int

    @property
    def bound(self) -> float:
        """The upper bound of |tau|."""
        return max(abs(self.low), abs(self.high), abs(self.mean))

    def __str__(self) -> str:
        return f"τ {self.mean:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"


def tau(pairs: Sequence[tuple[Any, int]]) -> float:
    """Kendall's tau of (place found, true place): 1 the same order, -1 reversed, 0 nothing learnt (or fewer than two)."""
    total = len(pairs) * (len(pairs) - 1) // 2
    if not total:
        return 0.0
    agreed = sum(_sign(a, b) * _sign(true_a, true_b) for (a, true_a), (b, true_b) in combinations(pairs, 2))
    return agreed / total


def _sign(a: Any, b: Any) -> int:
    return int(a > b) - int(a < b)


def pooled(rounds: Mapping[Hashable, Sequence[tuple[Any, int]]], seed: int = 17) -> Found:
    """The mean tau of the rounds that have an order at all, with its interval."""
    taus = [tau(pairs) for pairs in rounds.values() if len(pairs) > 1]
    assert taus, "no round to measure"
    draw = random.Random(seed)  # noqa: S311 — a resampling, no secret
    means = sorted(fmean(draw.choices(taus, k=len(taus))) for _ in range(RESAMPLES))
    cut = int(RESAMPLES * (1 - LEVEL) / 2)
    return Found(fmean(taus), means[cut], means[-1 - cut], len(taus))
