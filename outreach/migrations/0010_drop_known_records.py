"""Records have ids of their own since drafts lent them the order of arrival: nobody needs to ask any more whether an id is taken."""

from django.db import migrations

from privacy.db.rowsecurity import sql


class Migration(migrations.Migration):
    dependencies = [("outreach", "0009_same_tenant")]

    operations = [sql("DROP FUNCTION outreach_known_records(uuid[])")]
