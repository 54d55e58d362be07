"""Addresses by name, for pages that may not be installed.

A page that is not installed has no address: its link is left out instead of failing the page.
"""

from django.urls import NoReverseMatch, reverse


def find(url_name: str) -> str:
    """The address of a page that takes no argument, or "" when this installation has none by that name."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""
