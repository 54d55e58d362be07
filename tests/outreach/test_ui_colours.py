"""The tokens: contrast of what is read and of what can be acted on, and classes that differ without colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEETS = Path(__file__).resolve().parents[2] / "outreach" / "static" / "outreach" / "css"


def palettes() -> dict[str, dict[str, str]]:
    """The two sets of tokens, read from the sheet itself."""
    text = (SHEETS / "tokens.css").read_text(encoding="utf-8")
    night, day = text.split("@media (prefers-color-scheme: light)")
    found = {
        name: dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", part))
        for name, part in (("night", night), ("day", day))
    }
    return {"night": found["night"], "day": {**found["night"], **found["day"]}}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 relative contrast, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


GROUNDS = ("ground", "surface", "raised", "chosen")
READ = [
    (word, ground)
    for word in ("text", "muted", "link", "danger", "good", "warn")
    for ground in ("ground", "surface")
]
READ += [("text", ground) for ground in GROUNDS] + [("link-strong", "ground"), ("link", "raised")]
READ += [(kind, f"{kind}-ground") for kind in ("danger", "good", "warn")]
READ += [("text", f"{kind}-ground") for kind in ("danger", "good", "warn")]
READ += [("on-accent", "accent"), ("on-accent", "accent-strong")]
SEEN = [
    (edge, ground) for edge in ("line-strong", "focus", "accent-edge") for ground in ("ground", "surface")
]


@pytest.mark.parametrize("light", ["night", "day"])
def test_words_and_edges_stand_out(light: str) -> None:
    """4.5 for what is read, 3 for what shows that something can be acted on (WCAG 2.2, 1.4.3 and 1.4.11)."""
    palette = palettes()[light]
    weak = {pair: contrast(palette[pair[0]], palette[pair[1]]) for pair in READ}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}
    faint = {pair: contrast(palette[pair[0]], palette[pair[1]]) for pair in SEEN}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 3} == {}


def test_classes_of_a_map_run_from_one_end_of_lightness_to_the_other() -> None:
    """Five classes that also differ without colour: luminance is monotonous, each step at least 1.2 to 1."""
    for palette in palettes().values():
        steps = [luminance(palette[f"class-{n}"]) for n in range(1, 6)]
        assert steps in (sorted(steps), sorted(steps, reverse=True))
        ratios = [contrast(palette[f"class-{n}"], palette[f"class-{n + 1}"]) for n in range(1, 5)]
        assert min(ratios) >= 1.2, ratios


def test_only_the_tokens_and_the_paper_name_colours() -> None:
    named = re.compile(r"#[0-9a-f]{3,8}\b|\brgb|\bhsl")
    found = {sheet.name for sheet in SHEETS.glob("*.css") if named.search(sheet.read_text(encoding="utf-8"))}
    assert found == {
        "tokens.css",
        "print.css",
        "pico.css",
    }  # the library has its own, under those of the tokens
