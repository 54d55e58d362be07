"""Who works here. An account is an e-mail and a chosen name; no last login, no history, nothing that counts a worker."""

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from outreach.associations.models import Association
from outreach.roles import FIELD, Role


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "Account":
        account = self.model(email=email.strip().lower(), **extra)
        account.set_password(password)
        account.save()
        return account

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email=(username or "").strip().lower())


class Account(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=5, default="fr")
    is_active = models.BooleanField(default=True)

    # A worker's last connection to the second is a track of the worker; Django's field is removed.
    last_login = None

    objects = AccountManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_account_an_email")]

    def __str__(self) -> str:
        return self.display_name or "·"


class Team(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    name = models.CharField(max_length=80)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["association", "name"], name="one_team_a_name")]

    def __str__(self) -> str:
        return self.name


_APART = ~models.Q(roles__contains=[Role.COORDINATOR.value]) | ~models.Q(
    roles__overlap=sorted(role.value for role in FIELD)
)
"""`roles.clash`, as the tables refuse it."""


class Membership(models.Model):
    """One person in one association, with the roles held there. Ended, not deleted: the account of a leaver lives 3 months."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    roles = ArrayField(models.CharField(max_length=12, choices=[(r.value, r.value) for r in Role]))
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["association", "account"], name="one_membership_a_person"),
            models.CheckConstraint(condition=_APART, name="no_coordinator_in_the_field"),
        ]


class TeamMembership(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "membership"], name="one_place_in_a_team")]


class Invitation(models.Model):
    """A link that makes a member. Only the hash of its token is kept; the link is shown once, with or without a mail server."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    email = models.EmailField()
    roles = ArrayField(models.CharField(max_length=12, choices=[(r.value, r.value) for r in Role]))
    team_ids = ArrayField(models.UUIDField(), default=list)
    token_hash = models.BinaryField(unique=True)
    made_by = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.CASCADE)
    """The administrator with whom the link goes; none for the operator's."""
    expires_on = models.DateField()
    accepted_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=_APART, name="no_invited_coordinator_in_the_field")]


class RoleNotice(models.Model):
    """Roles that an administrator asks for themselves (`own`), or gave with nobody to agree. The auditor reads all but whose."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    association = models.ForeignKey(Association, on_delete=models.CASCADE)
    membership = models.ForeignKey(Membership, null=True, blank=True, on_delete=models.CASCADE)
    own = models.BooleanField()
    roles = ArrayField(models.CharField(max_length=12, choices=[(r.value, r.value) for r in Role]))
    team_ids = ArrayField(models.UUIDField(), default=list)
    asked_on = models.DateField()
    expires_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(own=True, membership__isnull=False)
                | models.Q(own=False, membership__isnull=True),
                name="a_request_is_somebodys",
            ),
            models.CheckConstraint(condition=_APART, name="no_asked_coordinator_in_the_field"),
            models.UniqueConstraint(fields=["membership"], name="one_request_a_person"),
        ]
