"""Each pattern of the note check by an example that no other pattern finds: a share of 95 % would not miss one of them.

Without an example: international numbers after "+", which the pattern of long numbers finds too.
"""

import pytest

from outreach.notes.checking import check
from outreach.notes.kinds import Kind
from outreach.notes.patterns import EXPRESSIONS

ALONE = [
    (Kind.EMAIL, "écrire à jean.dupont@exemple.fr"),
    (Kind.EMAIL, "contact @zaza_off"),
    (Kind.EMAIL, "insta : zaza"),
    (Kind.EMAIL, "voir https://cartes.invalid/abc"),
    (Kind.NUMBER, "joindre au 06_12_34_56_78"),
    (Kind.NUMBER, "voir 1234567"),
    (Kind.NUMBER, "appeler zero six"),
    (Kind.NUMBER, "dossier siao 442817"),
    (Kind.ADDRESS, "///ab.cd.ef"),
    (Kind.ADDRESS, "table.chaise.lampe"),
    (Kind.ADDRESS, "48.8867, 2.3712"),
    (Kind.ADDRESS, "48°53"),
    (Kind.ADDRESS, "dort 12 squat"),
    (Kind.ADDRESS, "devant le 17 poissonniers"),
    (Kind.ADDRESS, "rue de crimée"),
    (Kind.ADDRESS, "boulevard ney"),
    (Kind.ADDRESS, "code du portail 44"),
    (Kind.ADDRESS, "digicode perdu"),
    (Kind.ADDRESS, "escalier 4"),
    (Kind.ADDRESS, "3e étage"),
    (Kind.ADDRESS, "interphone martin"),
    (Kind.ADDRESS, "secteur 75018"),
    (Kind.BIRTH, "née en hiver"),
    (Kind.BIRTH, "anniversaire lundi"),
    (Kind.BIRTH, "12/03/1987"),
    (Kind.BIRTH, "3 mars 1987"),
    (Kind.BIRTH, "a 17 ans"),
    (Kind.BIRTH, "femme de 62 ans"),
    (Kind.BIRTH, "45 ans demain"),
    (Kind.NAME, "il s’appelle zorglub"),
    (Kind.NAME, "madame zorglub"),
    (Kind.NAME, "duvet donné à mamadou"),
    (Kind.NAME, "vu avec Zorglub"),
    (Kind.NAME, "J. P. revient"),
]


@pytest.mark.parametrize(("kind", "text"), ALONE)
def test_what_one_pattern_alone_finds_is_found(kind: Kind, text: str) -> None:
    assert [one.kind for one in check(text)] == [kind]


def test_every_pattern_has_its_example() -> None:
    assert sum(1 for kind, _text in ALONE if kind is not Kind.NAME) == len(EXPRESSIONS) - 1
