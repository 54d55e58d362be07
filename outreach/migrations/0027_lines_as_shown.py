"""Lines of a file are numbered as a spreadsheet shows them, so an unfinished import reads its file from the first line again.

The old numbers counted line breaks inside cells: an import that stopped at 800 of them would skip rows that were never read.
What came in already is known by its id. An older version would read such a file from its start as well: nothing to undo.
"""

from django.db import migrations

from privacy.db.rowsecurity import sql


class Migration(migrations.Migration):
    dependencies = [("outreach", "0026_shortened")]

    operations = [
        sql(
            "DELETE FROM outreach_importline"
            " WHERE job_id IN (SELECT id FROM outreach_importjob WHERE NOT finished)"
        ),
        sql("UPDATE outreach_importjob SET next_line = 0 WHERE NOT finished"),
    ]
