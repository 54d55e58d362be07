"""The pages of the maps: each opens its numbers through one service and hands them to one template, table first.

Rule of the module: no place in a URL (the week is the only parameter), and nothing that a page shows is kept.
"""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from maps import geometry, services
from outreach.access import membership_of, require_role
from outreach.roles import Role
from privacy import clock
from privacy.core.values import Cell


@require_role(Role.WORKER, Role.LEAD)
@require_safe
def team(request: HttpRequest) -> HttpResponse:
    """The team's own squares of the last 30 nights."""
    acting = membership_of(request)
    opened = services.team_map(acting, now=clock.now())
    page: dict[str, Any] = {"map": opened}
    if opened.squares:
        people = {square.cell: square.people for square in opened.squares}
        page |= _drawn(acting.association_id, people)
        # Each in an element of its own direction, as the table has them (U+2068, U+2069).
        page["names"] = {
            square.cell: " ".join(f"\u2068{word}\u2069" for word in (square.sector, square.label) if word)
            for square in opened.squares
        }
    return render(request, "maps/team.html", page)


@require_role(Role.COORDINATOR)
@require_safe
def coordinator(request: HttpRequest) -> HttpResponse:
    """One completed week of the association, a kilometre a square, this week against the one before."""
    acting = membership_of(request)
    week = services.coordinator_week(acting, now=clock.now(), monday=_monday(request.GET.get("semaine", "")))
    page: dict[str, Any] = {"week": week}
    if week and week.squares:
        # "Peu" is drawn as the lowest class: no number stands behind it here.
        people = {
            square.cell: square.people if square.people is not None else 0
            for square in week.squares
            if square.people != 0
        }
        page |= _drawn(acting.association_id, people)
    return render(request, "maps/coordinator.html", page)


def _monday(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _drawn(association_id: Any, people: dict[str, int]) -> dict[str, Any]:
    return {
        "cells": geometry.cells_geojson([Cell.parse(cell) for cell in people]),
        "people": people,
        "sectors": geometry.sectors_geojson(association_id),
    }
