"""The one form of the auditor: a kept checkpoint, pasted. No page takes a file."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CheckForm(forms.Form):
    """A signed note, a few lines; far below what a note may be long."""

    note = forms.CharField(
        label=_("Le sceau que vous avez gardé"),
        help_text=_("Collez-le en entier, de la première à la dernière ligne."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )
