"""What keeps the keystore from making or destroying keys, in sentences for whoever keeps the machine.

Rule of the module: it looks and changes nothing; no sentence holds a path, a number or a name.
"""

import os
from pathlib import Path

from django.conf import settings
from django.db import connections

from privacy.db.router import KEYSTORE
from privacy.keystore import epochs
from privacy.keystore.kek import FileKEK

MISSING = (
    "the key file of the current epoch is missing: sealed records cannot be read; see the operator's guide"
)
WRONG = (
    "keys do not open with the key file of the current epoch: is it the right file? put the right one back before anything else;"
    " see the operator's guide"
)
NO_WRITES = (
    "the key database takes no writes, so no key is made or destroyed: look for default_transaction_read_only"
    " or a standby, then run manage.py purge --wet-run"
)
READ_ONLY = (
    "the key folder is read-only, so no key is destroyed: make MARAUDES_KEK_DIR writable again,"
    " then run manage.py purge --wet-run"
)
FULL = (
    "the disk of the key folder is full, so no key is destroyed: free space on it,"
    " then run manage.py purge --wet-run"
)


def problems() -> list[str]:
    """Everything that is wrong now. Raises django.db.Error when the key database does not answer."""
    with connections[KEYSTORE].cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('transaction_read_only') = 'on',"
            " (SELECT number FROM keystore_kekepoch WHERE current)"
        )
        read_only, epoch = cursor.fetchone()
    folder = Path(settings.KEK_DIR)
    found = []
    if epoch is not None and epoch not in FileKEK(folder).epochs():
        found.append(MISSING)
    elif epoch is not None and not epochs.file_fits():
        found.append(WRONG)
    if read_only:
        found.append(NO_WRITES)
    if folder.is_dir():
        if not os.access(folder, os.W_OK | os.X_OK):
            found.append(READ_ONLY)
        elif _full(folder):
            found.append(FULL)
    return found


def _full(folder: Path) -> bool:
    """No block or no name left for this user; file systems that count no names say zero of zero."""
    disk = os.statvfs(folder)
    return disk.f_bavail == 0 or (disk.f_files > 0 and disk.f_favail == 0)
