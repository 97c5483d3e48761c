"""Contrast, data colours and the style sheet, computed from the tokens."""

from __future__ import annotations

import pytest

from emdesk.gui.tokens import (
    DARK,
    GROUP_COLOURS,
    LIGHT,
    Tokens,
    contrast,
    density_ramp,
    group_colour,
    group_outline,
    group_symbol,
    with_more_contrast,
)

TEXT_PAIRS = [
    *[
        (ink, ground)
        for ink in ("text", "text2")
        for ground in ("bg", "surface", "sunken", "hover")
    ],
    *[("text3", ground) for ground in ("surface", "soft", "sunken")],
    *[(ink, "surface") for ink in ("accent", "ok", "warn", "bad", "info")],
    *[(role, f"{role}_tint") for role in ("ok", "warn", "bad", "info")],
    *[("text", f"{role}_tint") for role in ("ok", "warn", "bad", "info")],
    ("text", "soft"),
    ("text2", "soft"),
    ("accent", "soft"),
    ("accent", "bad_tint"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("surface", "text"),
]
THEMES = [LIGHT, DARK, with_more_contrast(LIGHT), with_more_contrast(DARK)]


@pytest.mark.parametrize("tokens", THEMES, ids=["light", "dark", "light strong", "dark strong"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_stands_out_from_what_it_is_written_on(tokens: Tokens, ink: str, ground: str) -> None:
    assert contrast(tokens.colour(ink), tokens.colour(ground)) >= 4.5


@pytest.mark.parametrize("tokens", THEMES, ids=["light", "dark", "light strong", "dark strong"])
def test_outlines_and_focus_are_found_on_the_surface(tokens: Tokens) -> None:
    for role in ("control", "accent", "bad"):
        assert contrast(tokens.colour(role), tokens.surface) >= 3.0


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
    assert contrast("#FFFFFF", "#777777") == contrast("#777777", "#FFFFFF")


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_every_group_is_visible_by_its_colour_or_its_outline(tokens: Tokens) -> None:
    for index in range(len(GROUP_COLOURS)):
        edge = group_outline(index, tokens) or group_colour(index, tokens)
        assert contrast(edge, tokens.surface) >= 3.0


def test_no_two_of_the_first_sixty_four_groups_look_the_same() -> None:
    looks = {(group_colour(i, LIGHT), group_symbol(i)) for i in range(64)}
    assert len(looks) == 64


def test_the_ninth_group_is_a_blue_triangle() -> None:
    assert group_colour(8, LIGHT) == group_colour(0, LIGHT) == "#0072B2"
    assert group_symbol(8) == "t1"


def test_more_contrast_makes_hairlines_as_strong_as_outlines() -> None:
    strong = with_more_contrast(LIGHT)
    assert (strong.border, strong.text3) == (LIGHT.control, LIGHT.text2)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_the_density_ramp_starts_at_the_surface_and_only_gains_contrast(tokens: Tokens) -> None:
    ramp = density_ramp(tokens)
    assert ramp[0] == tokens.surface
    steps = [contrast(colour, tokens.surface) for colour in ramp]
    assert steps == sorted(steps)
