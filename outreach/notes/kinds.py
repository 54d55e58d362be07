"""What a note may give away, in kinds a worker understands, each with one sentence that says why it matters."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(StrEnum):
    NAME = "name"
    NUMBER = "number"
    ADDRESS = "address"
    EMAIL = "email"
    BIRTH = "birth"
    ORIGIN = "origin"
    PAPERS = "papers"
    RELIGION = "religion"
    SEXUALITY = "sexuality"
    HEALTH = "health"
    SUBSTANCE = "substance"
    POLICE = "police"
    SEX_WORK = "sex-work"
    LOOKS = "looks"

    @property
    def sensitive(self) -> bool:
        """Whether these words can harm a person whoever reads them; no field of a record has room for them."""
        return self in SENSITIVE

    @property
    def label(self) -> str | Promise:
        return LABELS[self]


SENSITIVE = frozenset(
    {
        Kind.ORIGIN,
        Kind.PAPERS,
        Kind.RELIGION,
        Kind.SEXUALITY,
        Kind.HEALTH,
        Kind.SUBSTANCE,
        Kind.POLICE,
        Kind.SEX_WORK,
        Kind.LOOKS,
    }
)

LABELS: dict[Kind, str | Promise] = {
    Kind.NAME: _("un nom ou un lieu précis"),
    Kind.NUMBER: _("un numéro de téléphone ou de dossier"),
    Kind.ADDRESS: _("une adresse ou un endroit exact"),
    Kind.EMAIL: _("une adresse de courriel ou un compte"),
    Kind.BIRTH: _("une date de naissance ou un âge exact"),
    Kind.ORIGIN: _("une nationalité, une origine ou une langue"),
    Kind.PAPERS: _("une situation administrative"),
    Kind.RELIGION: _("une religion"),
    Kind.SEXUALITY: _("la vie sexuelle"),
    Kind.HEALTH: _("une maladie ou un traitement"),
    Kind.SUBSTANCE: _("la consommation d’alcool ou de drogue"),
    Kind.POLICE: _("la police ou la justice"),
    Kind.SEX_WORK: _("la prostitution"),
    Kind.LOOKS: _("une description physique"),
}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """text[start:end] looks like `kind`. It carries places, never words."""

    start: int
    end: int
    kind: Kind
