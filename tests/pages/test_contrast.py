"""Words can be read on what they stand on: WCAG 2.2, 1.4.3 (text, 4.5 to 1) and 1.4.11 (edges of controls, 3 to 1)."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).resolve().parents[2] / "static/css/tokens.css").read_text()
PAIRS = re.findall(r"--([\w-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\);", TOKENS)

GROUNDS = ("paper", "raised", "sunken")
TEXT = [(ink, ground) for ink in ("ink", "muted", "accent", "accent-strong", "bad") for ground in GROUNDS]
TEXT += [("on-accent", "accent"), ("on-accent", "accent-strong")]
TEXT += [(hue, f"{hue}-tint") for hue in ("good", "bad", "limit", "crash", "plain")]
TEXT += [(hue, "raised") for hue in ("good", "limit", "crash", "plain")]  # programs in the editor
TEXT += [("ink", "plain-tint")]  # and what is selected there
TEXT += [(hue, "sunken") for hue in ("good", "limit")]  # of programs
EDGES = [(edge, ground) for edge in ("edge", "accent") for ground in GROUNDS]


def colours(scheme: str) -> dict[str, str]:
    """Of a scheme, by name."""
    return {name: light if scheme == "light" else dark for name, light, dark in PAIRS}


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


def test_every_colour_is_there_in_light_and_dark() -> None:
    assert len(re.findall("#[0-9a-f]{3}", TOKENS)) == 2 * len(PAIRS)


def test_no_other_style_sheet_has_colours_of_its_own() -> None:
    """But for the paper that pictures are drawn for, and codes to scan."""
    sheets = Path(__file__).resolve().parents[2].glob("static/css/*.css")
    strays = {
        (sheet.name, colour)
        for sheet in sheets
        if sheet.name != "tokens.css"
        for colour in re.findall(r"#[0-9a-f]{3,8}\b", sheet.read_text())
    }
    assert strays == {("problem.css", "#ffffff"), ("parts.css", "#ffffff")}
