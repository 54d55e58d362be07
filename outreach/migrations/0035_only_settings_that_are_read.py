"""What an association chose of settings that nothing read is forgotten: they no longer exist."""

from django.db import migrations

from privacy.db.rowsecurity import sql


class Migration(migrations.Migration):
    dependencies = [("outreach", "0034_no_empty_point")]

    operations = [
        sql(
            "UPDATE outreach_association SET policy_choice = policy_choice"
            " - '{pseudonym_days,quote_days,login_attempt_days}'::text[]"
        )
    ]
