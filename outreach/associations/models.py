"""An association: the tenant that every row security policy names, with its own privacy policy within the legal ceilings."""

import uuid
from typing import Any

from django.db import models

from privacy.core.policy import Policy


def default_policy() -> dict[str, Any]:
    """An empty choice: every value is the default of `privacy.core.policy`."""
    return {}


class Association(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    timezone = models.CharField(max_length=40, default="Europe/Paris")
    language = models.CharField(max_length=5, default="fr")
    policy_choice = models.JSONField(default=default_policy, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def policy(self) -> Policy:
        """The association's settings. Raises PolicyRefused when a value is outside its legal bounds."""
        return Policy.from_dict(self.policy_choice)
