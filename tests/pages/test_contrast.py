"""Words can be read on what they stand on: WCAG 2.2, 1.4.3 (text, 4.5 to 1) and 1.4.11 (edges of controls, 3 to 1)."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).resolve().parents[2] / "static/css/tokens.css").read_text()
LIGHT, DARK = TOKENS.split("@media (prefers-color-scheme: dark)")

GROUNDS = ("paper", "raised", "sunken")
TEXT = [(ink, ground) for ink in ("ink", "muted", "accent", "accent-strong", "bad") for ground in GROUNDS]
TEXT += [("on-accent", "accent"), ("on-accent", "accent-strong")]
TEXT += [(hue, f"{hue}-tint") for hue in ("good", "bad", "limit", "crash", "plain")]
TEXT += [(hue, "sunken") for hue in ("good", "limit")]  # of programs
EDGES = [(edge, ground) for edge in ("edge", "accent") for ground in GROUNDS]


def colours(scheme: str) -> dict[str, str]:
    """Of a scheme, by name; the dark one changes what the light one says."""
    source = LIGHT if scheme == "light" else TOKENS
    return dict(re.findall(r"--([\w-]+): #([0-9a-f]{6});", source))


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_it_measures_as_the_standard_does() -> None:
    assert contrast("000000", "ffffff") == pytest.approx(21)
    assert contrast("777777", "ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read(scheme: str) -> None:
    shades = colours(scheme)
    poor = [(pair, contrast(*(shades[name] for name in pair))) for pair in TEXT]
    assert not [(pair, ratio) for pair, ratio in poor if ratio < 4.5]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_controls_can_be_seen(scheme: str) -> None:
    shades = colours(scheme)
    poor = [(pair, contrast(*(shades[name] for name in pair))) for pair in EDGES]
    assert not [(pair, ratio) for pair, ratio in poor if ratio < 3]


def test_the_dark_scheme_replaces_every_colour() -> None:
    assert set(re.findall(r"--([\w-]+): #", LIGHT)) == set(re.findall(r"--([\w-]+): #", DARK))


def test_no_other_style_sheet_has_colours_of_its_own() -> None:
    """But for the paper that pictures are drawn for."""
    sheets = Path(__file__).resolve().parents[2].glob("static/css/*.css")
    strays = {
        (sheet.name, colour)
        for sheet in sheets
        if sheet.name != "tokens.css"
        for colour in re.findall(r"#[0-9a-f]{3,8}\b", sheet.read_text())
    }
    assert strays == {("problem.css", "#ffffff")}
