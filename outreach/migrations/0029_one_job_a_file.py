"""An import is of a file, whatever the mapping, and remembers which of its lines came in.

Jobs of the version before knew one mapping each and numbered lines otherwise: they go, and their files are read again from the
first line. What came in is known by its id. The way back empties the tables as well: a job of a file has no mapping to name.
"""

from django.db import migrations, models

from privacy.db.rowsecurity import sql

# Deferred checks of the rows that go would stand in the way of changing their table.
FORGET = "DELETE FROM outreach_importline; DELETE FROM outreach_importjob; SET CONSTRAINTS ALL IMMEDIATE"


class Migration(migrations.Migration):
    dependencies = [("outreach", "0028_share_of_no")]

    operations = [
        sql(FORGET),
        migrations.RemoveConstraint("importjob", "one_job_a_file"),
        migrations.RemoveField("importjob", "mapping_digest"),
        migrations.AddConstraint(
            "importjob",
            models.UniqueConstraint(fields=["association", "team", "file_digest"], name="one_job_a_file"),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, FORGET),
    ]
