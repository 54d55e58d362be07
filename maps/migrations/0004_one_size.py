"""Sealed sums have one size whatever they hold; those of the former format are made again by the worker within the hour."""

from django.db import migrations, models
from django.db.models.lookups import GreaterThanOrEqual


def one_size(model: str, name: str, sealed: int) -> migrations.AddConstraint:
    length = models.Func("blob", function="octet_length", output_field=models.IntegerField())
    condition = models.Q(version__lt=2) | models.Q(GreaterThanOrEqual(length, sealed))
    return migrations.AddConstraint(
        model_name=model, constraint=models.CheckConstraint(condition=condition, name=name)
    )


class Migration(migrations.Migration):
    dependencies = [("maps", "0003_born_to")]

    operations = [
        one_size("monthlyaccumulator", "accumulator_has_one_size", 32_873),
        one_size("weeklysummary", "summary_has_one_size", 65_673),
    ]
