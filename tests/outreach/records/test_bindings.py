"""What each blob is bound to: no part of it can be another without the blob staying shut."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from outreach.records import tally
from outreach.records.sealing import record_aad
from privacy.core import context, ingress
from privacy.core.retention import RetentionClass

ONE, TWO = UUID(int=1), UUID(int=2)
DAY, NEXT = date(2026, 3, 4), date(2026, 3, 5)
RECORD, NOTE = RetentionClass.RECORD, RetentionClass.NOTE

BINDINGS: list[tuple[Callable[..., bytes], list[tuple[Any, Any]]]] = [
    (record_aad, [(ONE, TWO), (ONE, TWO), (NOTE, RECORD), ("a", "b"), (DAY, NEXT)]),
    (context.row_aad, [(ONE, TWO), ("a", "b"), (ONE, TWO), ("tally", "draft"), (DAY, NEXT)]),
    (tally._bound, [(ONE, TWO), (ONE, TWO), (DAY, NEXT)]),
    (ingress.info, [(ONE, TWO), (ONE, TWO), (ONE, TWO), (ONE, TWO), (DAY, NEXT)]),
]


@pytest.mark.parametrize(("bind", "parts"), BINDINGS)
def test_every_part_makes_another_binding(bind: Callable[..., bytes], parts: list[tuple[Any, Any]]) -> None:
    these = [one for one, _other in parts]
    bound = bind(*these)
    assert bound == bind(*these)
    same = [
        number
        for number, (_one, other) in enumerate(parts)
        if bind(*these[:number], other, *these[number + 1 :]) == bound
    ]
    assert same == []
