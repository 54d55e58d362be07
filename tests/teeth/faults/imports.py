"""Faults in what is taken from files of others."""

from tests.teeth.fault import Fault

FAULTS = [
    Fault(
        "every-line-is-consent",
        "imports",
        "outreach/importing/rows.py",
        "return consent_column is not None and normalise_answer(cells[consent_column]) in self.mapping.yes",
        "return consent_column is None or normalise_answer(cells[consent_column]) in self.mapping.yes",
        ("tests/outreach/importing/test_rows.py",),
    ),
    Fault(
        "old-lines-become-records",
        "imports",
        "outreach/importing/rows.py",
        "if expires_on(RetentionClass.RECORD, night, self.policy) <= self.today:",
        "if False:",
        ("tests/outreach/importing/test_rows.py",),
    ),
    Fault(
        "a-minor-becomes-a-record",
        "imports",
        "outreach/importing/rows.py",
        'if body.get("age_band") == "minor":',
        'if body.get("age_band") == "child":',
        ("tests/outreach/importing/test_rows.py",),
    ),
    Fault(
        "a-suspect-note-is-kept",
        "imports",
        "outreach/importing/rows.py",
        "suspect = bool(note) and (self.mapping.note in formulas or bool(check(note)))",
        "suspect = bool(note) and self.mapping.note in formulas",
        ("tests/outreach/importing/test_rows.py",),
    ),
    Fault(
        "a-formula-is-an-answer",
        "imports",
        "outreach/importing/rows.py",
        "        if (formulas | computed) - {self.mapping.note}:  # a note",
        "        if computed - {self.mapping.note}:  # a note",
        ("tests/outreach/importing/test_rows.py",),
    ),
    Fault(
        "a-night-to-come-is-taken",
        "imports",
        "outreach/importing/rows.py",
        "        if night > self.tonight:\n            raise _Bad(Reason.FUTURE)\n",
        "",
        ("tests/outreach/importing/test_rows.py",),
    ),
    Fault(
        "a-fine-square-of-a-file-is-kept",
        "imports",
        "outreach/importing/rows.py",
        "cell if cell.size >= self.policy.team_cell else coarsening.parent(cell, self.policy.team_cell)",
        "cell",
        (
            "tests/outreach/importing/test_rows.py",
            "tests/outreach/importing/test_where.py",
            "tests/outreach/importing/test_cases.py",
        ),
    ),
    Fault(
        "a-place-far-away-is-taken",
        "imports",
        "outreach/importing/rows.py",
        "            raise _Bad(Reason.FAR)\n",
        "            pass\n",
        (
            "tests/outreach/importing/test_rows.py",
            "tests/outreach/importing/test_where.py",
            "tests/outreach/importing/test_cases.py",
        ),
    ),
    Fault(
        "a-dead-note-is-kept",
        "imports",
        "outreach/importing/rows.py",
        "if column is None or expires_on(RetentionClass.NOTE, night, self.policy) <= self.today:",
        "if column is None:",
        ("tests/outreach/importing/test_rows.py",),
    ),
    Fault(
        "a-sector-meant-twice-is-taken",
        "imports",
        "outreach/importing/rows.py",
        "        if found is None:\n            raise _Bad(Reason.AMBIGUOUS)\n",
        "",
        (
            "tests/outreach/importing/test_rows.py",
            "tests/outreach/importing/test_where.py",
            "tests/outreach/importing/test_two_are_two.py",
        ),
    ),
]
