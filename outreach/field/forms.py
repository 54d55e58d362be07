"""What the field's pages ask, in few taps. Every answer is optional but the number of people; the default is "no"."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outreach.closing.intake import NOTICE
from outreach.field.counting import PARTS
from outreach.forms.fields import FreeText, WholeNumber
from outreach.forms.widgets import Stepper, TileChecks, Tiles
from outreach.members.models import Team
from outreach.places.models import Sector
from outreach.places.picker import Panel, Place, PlaceField
from outreach.records import vocabulary as words
from outreach.records.encounter import MAX_PEOPLE, NOTE_CHARS, QUOTE_CHARS, Encounter
from outreach.rounds.models import Round

HANDOVER_CHARS = 800
Choices = Sequence[tuple[str, str | Promise]]

NO, YES, MINOR = "no", "yes", "minor"
LOOSE = {"spellcheck": "false", "autocomplete": "off", "autocapitalize": "sentences"}
"""Attributes of free text: no cloud speller, no memory of the browser."""


def _choices(vocabulary: words.Vocabulary, *without: str) -> Choices:
    return [(code, label) for code, label in vocabulary.items() if code not in without]


class Tile(forms.ChoiceField):
    """One code of a vocabulary, or nothing: "pas demandé" differs from "ne sait pas"."""

    def __init__(self, vocabulary: words.Vocabulary, label: Any, *without: str, **options: Any) -> None:
        choices = [("", _("Pas demandé")), *_choices(vocabulary, *without)]
        super().__init__(choices=choices, label=label, required=False, widget=Tiles(), **options)


class TileSet(forms.MultipleChoiceField):
    def __init__(self, vocabulary: words.Vocabulary, label: Any, icons: dict[str, str] | None = None) -> None:
        super().__init__(
            choices=_choices(vocabulary), label=label, required=False, widget=TileChecks(icons=icons)
        )


class Number(WholeNumber):
    """A whole number; empty is "ne sait pas" where it is not required."""

    def __init__(
        self, label: Any, *, least: int = 0, most: int = MAX_PEOPLE, required: bool = False, **options: Any
    ) -> None:
        widget = Stepper({"min": least, "max": most})
        super().__init__(
            label=label, min_value=least, max_value=most, required=required, widget=widget, **options
        )


ICONS = {
    "meal": "soup",
    "water": "droplet",
    "sleeping_bag": "bed",
    "clothes": "shirt",
    "hygiene": "shower-head",
    "hygiene_kit": "shower-head",
    "care": "cross",
    "shelter": "house",
    "rights": "scale",
    "listening": "ear",
    "animal": "dog",
    "hot_drink": "coffee",
    "call_115": "phone",
    "day_centre": "sun",
    "emergency": "siren",
    "other": "ellipsis",
}


class EncounterForm(forms.Form):
    """Two questions, then what the people agreed to. With `zone` at "no" the rest is never looked at."""

    mostly_optional = True
    COLLAPSED = ("others", *(name for name in words.ONE_OF if name not in ("wellbeing", "referral_outcome")))
    """Answers that the page keeps collapsed, in their order: a new one is drawn there without a line in the template."""

    zone = forms.ChoiceField(
        label=_("Peut-on noter à peu près où ?"),
        choices=[(NO, _("Non")), (YES, _("Oui")), (MINOR, _("Mineur·e seul·e"))],
        initial=NO,
        widget=Tiles(
            wide=True,
            hints={NO: _("Compter seulement, ne rien noter"), MINOR: _("Compter seulement, appeler le 119")},
        ),
    )
    recontact = forms.ChoiceField(
        label=_("Revenir voir la personne ?"),
        choices=[(NO, _("Non")), (YES, _("Oui"))],
        initial=NO,
        required=False,
        widget=Tiles(),
    )
    people = Number(
        _("Combien de personnes ?"),
        least=1,
        required=True,
        initial=1,
        help_text=_("Pour noter : seulement les adultes qui disent oui."),
    )
    others = Number(_("Autres personnes du groupe, comptées seulement"), initial=0)
    reason = forms.ChoiceField(
        choices=[("", _("Sans précision")), *words.REFUSAL.items()],
        label=_("Pourquoi non"),
        required=False,
        widget=Tiles(),
    )
    needs = TileSet(words.NEEDS, _("Besoins"), ICONS)
    given = TileSet(words.GIVEN, _("Donné"), ICONS)
    referrals = TileSet(words.REFERRALS, _("Orientation"), ICONS)
    referral_outcome = Tile(words.REFERRAL_OUTCOME, _("Suite de l’orientation"))
    wellbeing = Tile(words.WELLBEING, _("État général"))
    met_this_round = forms.BooleanField(label=_("Déjà comptée pendant cette tournée"), required=False)
    contact_kind = Tile(words.CONTACT, _("Type de contact"))
    household_kind = Tile(words.HOUSEHOLD, _("Ménage"))
    age_band = Tile(words.AGE, _("Tranche d’âge"), "minor")
    gender = Tile(words.GENDER, _("Genre perçu"))
    shelter_kind = Tile(words.SHELTER, _("Abri"))
    interpreter_needed = Tile(
        words.YES_NO, _("Interprète utile"), help_text=_("Oui ou non seulement : jamais quelle langue.")
    )
    has_animal = Tile(words.YES_NO, _("Avec un animal"))
    note = FreeText(
        label=_("Note pour l’équipe"),
        required=False,
        max_length=NOTE_CHARS,
        widget=forms.Textarea({"rows": 3, **LOOSE}),
        help_text=_("Ce qui aide la prochaine tournée. Ni nom, ni numéro, ni adresse, ni origine."),
    )
    quote_consent = forms.ChoiceField(
        label=_("Pouvons-nous répéter vos paroles aux institutions, sans dire qui ni où ?"),
        choices=[(NO, _("Non")), (YES, _("Oui"))],
        initial=NO,
        required=False,
        widget=Tiles(),
    )
    quote = FreeText(
        label=_("Paroles"),
        required=False,
        max_length=QUOTE_CHARS,
        widget=forms.Textarea({"rows": 2, **LOOSE}),
    )

    def __init__(self, data: Any = None, *, panels: Sequence[Panel] = ()) -> None:
        super().__init__(data, auto_id="id_%s")
        self.fields["place"] = PlaceField(panels, label=_("Où ?"), required=False)

    @property
    def collapsed(self) -> list[forms.BoundField]:
        return [self[name] for name in self.COLLAPSED]

    @property
    def answer(self) -> str:
        """The answer to the consent question; anything unclear is "no"."""
        value = self.data.get("zone")
        return value if value in (YES, MINOR) else NO

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("quote") and values.get("quote_consent") != YES:
            self.add_error(
                "quote_consent", _("Sans accord, ces paroles ne sont pas gardées : demandez, ou effacez-les.")
            )
        return values

    def encounter(self) -> Encounter:
        """What was agreed to, of a valid form with a yes."""
        values = self.cleaned_data
        place: Place = values["place"] or Place()
        return Encounter(
            people=values["people"],
            zone=True,
            recontact=values["recontact"] == YES,
            quote_consent=bool(values["quote"]) and values["quote_consent"] == YES,
            notice=NOTICE,
            cell=place.cell,
            sector_id=place.sector_id,
            met_this_round=values["met_this_round"],
            needs=tuple(sorted(values["needs"])),
            given=tuple(sorted(values["given"])),
            referrals=tuple(sorted(values["referrals"])),
            note=values["note"].strip(),
            quote=values["quote"].strip(),
            **{name: values[name] or None for name in words.ONE_OF},
        )


class RefusalForm(forms.Form):
    """All that is read of a refused encounter: two numbers and why."""

    NUMBERS = frozenset({"people", "others"})

    people = WholeNumber(min_value=1, max_value=MAX_PEOPLE, required=False)
    others = WholeNumber(min_value=0, max_value=MAX_PEOPLE, required=False)
    reason = forms.ChoiceField(choices=[("", ""), *words.REFUSAL.items()], required=False)


class GroupForm(forms.Form):
    """A group in detail; an empty number is "ne sait pas", 0 is none."""

    mostly_optional = True
    people_count = Number(_("Personnes"))
    men_count = Number(_("Hommes"))
    women_count = Number(_("Femmes"))
    minors_count = Number(_("Mineurs"))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="group_%s")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        known = [values.get(part) for part in PARTS[1:3]]
        people = values.get("people_count")
        parts = sum(number for number in known if number is not None)
        if people is not None and parts > people:
            self.add_error(
                "people_count", _("Hommes et femmes font déjà %(number)d personnes.") % {"number": parts}
            )
        elif people is not None and (values.get("minors_count") or 0) > people:
            self.add_error("minors_count", _("Plus de mineurs que de personnes."))
        elif (
            people is None
            and not any(number is not None for number in (*known, values.get("minors_count")))
            and not self.errors
        ):
            self.add_error(
                "people_count", _("Indiquez au moins un nombre, ou touchez « Ne sait pas » plus haut.")
            )
        return values

    def numbers(self) -> dict[str, int | None]:
        return {part: self.cleaned_data[part] for part in PARTS}


class ItemsForm(forms.Form):
    """Things given out since the last time they were counted."""

    mostly_optional = True

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="items_%s")
        for code, label in words.ITEMS.items():
            self.fields[code] = Number(label, most=999)

    def items(self) -> dict[str, int]:
        return {code: number for code, number in self.cleaned_data.items() if number}


class HandoverForm(forms.Form):
    """What the next team should know; of the round, not of a person."""

    handover = FreeText(
        label=_("Transmission à la prochaine équipe"),
        required=False,
        max_length=HANDOVER_CHARS,
        widget=forms.Textarea({"rows": 4, **LOOSE}),
        help_text=_(
            "Ce qui concerne la tournée : matériel, rues barrées, ce qui a manqué. Ni nom, ni personne reconnaissable."
        ),
    )

    def clean_handover(self) -> str:
        text: str = self.cleaned_data["handover"].strip()
        if len(text.encode()) > 2000:
            raise forms.ValidationError(_("La transmission est trop longue : raccourcissez-la."))
        return text


class PlanForm(forms.Form):
    """A round to plan: team, night, sectors. `first` is tonight's date."""

    def __init__(
        self,
        data: Any = None,
        *,
        teams: Iterable[Team],
        sectors: Sequence[Sector],
        first: date,
        nights: Choices,
        chosen: Iterable[str] = (),
    ) -> None:
        super().__init__(data, auto_id="plan_%s")
        team_choices = [(str(team.id), team.name) for team in teams]
        self.fields["team"] = forms.ChoiceField(
            label=_("Équipe"),
            choices=team_choices,
            initial=team_choices[0][0] if team_choices else "",
            widget=Tiles(wide=True) if len(team_choices) > 1 else forms.HiddenInput(),
        )
        self.fields["night"] = forms.ChoiceField(
            label=_("Quand"), choices=nights, initial=first.isoformat(), widget=Tiles()
        )
        self.fields["sectors"] = forms.MultipleChoiceField(
            label=_("Secteurs"),
            choices=[(str(sector.id), sector.name) for sector in sectors],
            initial=list(chosen),
            widget=TileChecks(),
            help_text=""
            if sectors
            else _("Aucun secteur encore : la personne qui tient le serveur les importe d’abord."),
            error_messages={"required": _("Choisissez au moins un secteur.")},
        )


class StartForm(forms.Form):
    """What may be said when leaving for a round; nothing is asked for. Two teams have two of them on one page."""

    mostly_optional = True
    crew_count = Number(_("Combien êtes-vous ?"), most=20)
    transport = forms.ChoiceField(
        label=_("Déplacement"), choices=Round.Transport.choices, required=False, widget=Tiles()
    )
    cold_level = forms.ChoiceField(
        label=_("Plan grand froid"), choices=Round.Cold.choices, required=False, widget=Tiles(wide=True)
    )

    def __init__(self, data: Any = None, *, round_: Round) -> None:
        super().__init__(data, auto_id=f"start_{round_.id.hex}_%s")
        self.round = round_
