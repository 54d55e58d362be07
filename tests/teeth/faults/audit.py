"""Faults in the log."""

from tests.teeth.fault import Fault

FAULTS = [
    Fault(
        "seal-drops-single-refusals",
        "audit",
        "privacy/audit/sealing.py",
        "        for row in counters\n",
        "        for row in counters\n        if row.count > 1\n",
        ("tests/privacy/audit/test_sealing.py",),
    ),
    Fault(
        "entries-in-order-of-arrival",
        "audit",
        "privacy/audit/sealing.py",
        "    random.SystemRandom().shuffle(facts)\n",
        "",
        ("tests/privacy/audit/test_sealing.py",),
    ),
    Fault(
        "an-entry-keeps-its-id",
        "audit",
        "privacy/audit/sealing.py",
        "        AuditEvent(\n            uuid4(),\n            row.day,",
        "        AuditEvent(\n            row.id,\n            row.day,",
        ("tests/privacy/audit/test_sealing.py",),
    ),
    Fault(
        "a-hole-is-no-contradiction",
        "audit",
        "privacy/audit/sealing.py",
        "        if index != expected:\n            raise LogContradicted\n",
        "",
        ("tests/privacy/audit/test_sealing.py", "tests/privacy/audit/test_tampering.py"),
    ),
    Fault(
        "another-name-starts-anew",
        "audit",
        "privacy/audit/sealing.py",
        "        raise LogContradicted  # signed under another name",
        "        pass  # signed under another name",
        ("tests/privacy/audit/test_sealing.py",),
    ),
    Fault(
        "an-older-database-is-signed",
        "audit",
        "privacy/audit/sealing.py",
        "        raise LogContradicted  # the database is older",
        "        pass  # the database is older",
        ("tests/privacy/audit/test_sealing.py",),
    ),
    Fault(
        "any-word-is-logged",
        "audit",
        "privacy/audit/services.py",
        '_WORD = re.compile(r"[a-z0-9_.:+-]{0,40}")',
        '_WORD = re.compile(r".{0,400}")',
        ("tests/privacy/audit/test_services.py",),
    ),
    Fault(
        "reading-has-no-ceiling",
        "audit",
        "privacy/audit/events.py",
        "acted = event in ACTS or",
        "acted = event in ACTS | {Event.DENIED} or",
        ("tests/privacy/audit/test_web_role.py", "tests/privacy/audit/test_ceilings.py"),
    ),
]
