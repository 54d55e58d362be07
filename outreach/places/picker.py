"""The square picker: a field of a form that answers "where" with a sector, a square, or nothing.

Rule of the module: plain radio buttons in one group, usable without a script and without a map; a square is offered
once, under the sector that owns it. Nothing here takes a point: the phone turns its position into one of the
offered squares by itself (static/outreach/locate.js) and sends only the choice.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.utils.translation import gettext_lazy as _

from outreach.places import drawing
from outreach.places.models import Sector, SectorCell
from outreach.places.services import Square, Squares, laid_out
from privacy.core.values import Cell

WHOLE = "sector:"
"""Before a sector's id in the value of "the whole sector, no square"."""


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """The answer: a square, or a sector without a square, or neither. Its repr says nothing: it is about a person."""

    cell: Cell | None = None
    sector_id: UUID | None = None

    def __bool__(self) -> bool:
        return self.cell is not None or self.sector_id is not None


@dataclass(frozen=True, slots=True)
class Panel:
    """One sector as the picker shows it. `rows`: squares from the north, None where a square is not the sector's.

    `drawn`: whether the page holds its squares. The others stand there as signs, and a script draws them when they are wanted.
    `asked`: whether they were asked for just now.
    """

    sector_id: UUID
    name: str
    squares: Squares
    outline: str = ""
    around: tuple[str, ...] = ()
    drawn: bool = True
    asked: bool = False

    @property
    def signs(self) -> str:
        """The rows from the north, a sign a square: "1" where it is the sector's."""
        return " ".join("".join("1" if square else "0" for square in row) for row in self.rows)

    @property
    def whole(self) -> str:
        """The value of the choice without a square."""
        return f"{WHOLE}{self.sector_id}"

    @property
    def view_box(self) -> str:
        return f"0 0 {self.squares.columns} {self.squares.rows}"

    @property
    def rows(self) -> list[list[Square | None]]:
        found: list[list[Square | None]] = [
            [None] * self.squares.columns for _row in range(self.squares.rows)
        ]
        for square in self.squares:
            found[square.row - 1][square.column - 1] = square
        return found


def panels(
    sectors: Iterable[Sector],
    size: int,
    *,
    drawn: Collection[UUID] | None = None,
    asked: UUID | None = None,
    chosen: str = "",
) -> list[Panel]:
    """What the picker needs for these sectors of one association: three queries, whatever their number.

    size: metres, a rung of the ladder (the association's `policy.team_cell`). Keeps the order of `sectors`. `drawn`: those whose
    squares the page shall hold (None: all); the sector of the square `chosen` is one of them always.
    """
    wanted = list(sectors)
    if not wanted:
        return []
    cells: dict[UUID, list[Cell]] = {sector.pk: [] for sector in wanted}
    rows = SectorCell.objects.filter(sector__in=list(cells), size=size)
    for sector_id, text in rows.values_list("sector_id", "cell"):
        cells[sector_id].append(Cell.parse(text))
        if text == chosen and drawn is not None:
            drawn = {*drawn, sector_id}
    known = Sector.objects.filter(association_id=wanted[0].association_id, active=True)
    outlines = dict(known.values_list("pk", "outline"))
    found = []
    for sector in wanted:
        squares = laid_out(cells[sector.pk], size)
        if squares.rows and (drawn is None or sector.pk in drawn):
            panel = _drawn(sector, squares, outlines)
        else:
            panel = Panel(sector.pk, sector.name, squares, drawn=False)
        found.append(replace(panel, asked=sector.pk == asked))
    return found


def _drawn(sector: Sector, squares: Squares, outlines: Mapping[UUID, GEOSGeometry]) -> Panel:
    others = [outline for pk, outline in outlines.items() if pk != sector.pk]
    around = drawing.neighbours(sector.outline, others)
    return Panel(
        sector.pk,
        sector.name,
        squares,
        drawing.path(sector.outline, squares),
        tuple(drawing.path(other, squares) for other in around),
    )


class SquarePicker(forms.RadioSelect):
    """Draws the panels of a `PlaceField`; each choice is a radio button with a label of at least 44 px."""

    template_name = "outreach/places/_square_picker.html"
    panels: Sequence[Panel] = ()
    optional = True

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        chosen = str(value or "")
        context["picker"] = {
            "panels": [
                {
                    "panel": panel,
                    "open": len(self.panels) == 1 or panel.asked or self._holds(panel, chosen),
                }
                for panel in self.panels
            ],
            "size": self.panels[0].squares.size if self.panels else None,
            "chosen": chosen,
            "optional": self.optional,
            "described_by": (attrs or {}).get("aria-describedby", ""),
        }
        return context

    @staticmethod
    def _holds(panel: Panel, chosen: str) -> bool:
        return chosen == panel.whole or any(square.cell.id == chosen for square in panel.squares)


class PlaceField(forms.ChoiceField):
    """Where, among the sectors of the round. `clean` gives a Place; only what was offered is accepted.

    self.fields["place"] = PlaceField(panels(round_sectors, policy.team_cell), label=_("Où ?"), required=False)
    """

    widget = SquarePicker
    default_error_messages = {
        "required": _("Choisissez un secteur ou un carré."),
        "invalid_choice": _(
            "Ce lieu n’est pas dans les secteurs de cette tournée. Choisissez-en un de la liste."
        ),
    }

    def __init__(self, panels: Sequence[Panel], **options: Any) -> None:
        super().__init__(choices=[(value, value) for value in _offered(panels)], **options)
        assert isinstance(self.widget, SquarePicker)  # noqa: S101 - the widget above, or one that extends it
        self.widget.panels = panels
        self.widget.optional = not self.required

    def clean(self, value: Any) -> Place:
        chosen = super().clean(value)
        if not chosen:
            return Place()
        if chosen.startswith(WHOLE):
            return Place(sector_id=UUID(chosen.removeprefix(WHOLE)))
        return Place(cell=Cell.parse(chosen))

    def prepare_value(self, value: Any) -> Any:
        """The choice that a Place was made from, so that a form can be shown again with it."""
        if isinstance(value, Place):
            if value.cell is not None:
                return value.cell.id
            return f"{WHOLE}{value.sector_id}" if value.sector_id else ""
        return value


def _offered(panels: Sequence[Panel]) -> list[str]:
    return [
        value for panel in panels for value in (panel.whole, *(square.cell.id for square in panel.squares))
    ]
