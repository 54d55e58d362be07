#!/usr/bin/env python
"""Django's command line, run under the database role that the command needs and no more."""

import os
import sys

OWNER = {"migrate", "makemigrations", "sqlmigrate", "test", "flush"}
WORKER = {
    "close_forgotten",
    "prepare",
    "purge",
    "retention_status",
    "shorten",
    "rebuild_summaries",
    "import_territory",
    "quarantine",
    "create_association",
    "invite",
    "next_step",
}
# What fills the database from a file or a demo, past rows included, writes as the worker.
WORKER |= {"seed_demo", "demo_accounts", "import_records"}


def role_for(command: str) -> str:
    """The PostgreSQL role of a command: the owner changes tables, the worker does what nobody's membership does, web the rest."""
    if command in OWNER:
        return "owner"
    return "worker" if command in WORKER or command.startswith("audit_") else "web"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    os.environ.setdefault("MARAUDES_DB_ROLE", role_for(sys.argv[1] if len(sys.argv) > 1 else ""))
    if os.environ["MARAUDES_DB_ROLE"] == "owner":
        os.environ.setdefault("MARAUDES_OWNER_WORK", "on")  # row security binds the owner too, but not here
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
