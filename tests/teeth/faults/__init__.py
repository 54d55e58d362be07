"""Every planted fault, by area."""

from tests.teeth.fault import Fault
from tests.teeth.faults import access, audit, core, floor, imports, keys, pages, records, told

FAULTS: list[Fault] = [
    *core.FAULTS,
    *records.FAULTS,
    *keys.FAULTS,
    *audit.FAULTS,
    *told.FAULTS,
    *access.FAULTS,
    *pages.FAULTS,
    *imports.FAULTS,
    *floor.FAULTS,
]
