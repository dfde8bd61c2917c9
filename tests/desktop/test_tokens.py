from __future__ import annotations

from itertools import combinations

import pytest

from app.desktop.tokens import (
    AVATAR_GROUNDS,
    AVATAR_TEXT,
    DARK,
    HUE_NAMES,
    LIGHT,
    METRICS,
    SUN,
    Tokens,
    channels,
    contrast,
    mix,
)

THEMES = [LIGHT, DARK, SUN]
INKS = ("text", "muted", "accent", "danger", "warning", "success")
# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
BLIND = {
    "nobody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("ink", INKS)
@pytest.mark.parametrize("ground", ["background", "surface", "selected", "caution"])
def test_text_can_be_read_on_every_ground(theme: Tokens, ink: str, ground: str) -> None:
    least = 7.0 if theme is SUN and ink in ("text", "muted") else 4.5
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= least


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_can_be_read_on_filled_buttons_and_under_the_pointer(theme: Tokens) -> None:
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    for ground in (theme.background, theme.surface):  # what is selected takes no tint
        tinted = mix(theme.text, ground, theme.hover_alpha)
        assert contrast(theme.text, tinted) >= 4.5
        assert contrast(theme.muted, tinted) >= 4.5


def test_initials_can_be_read() -> None:
    assert all(contrast(ground, AVATAR_TEXT) >= 4.5 for ground in AVATAR_GROUNDS)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("eyes", BLIND)
def test_label_hues_differ_for_everyone(theme: Tokens, eyes: str) -> None:
    seen = [_oklab(_seen_by(hue, BLIND[eyes])) for hue in theme.hues]
    nearest = min(
        sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5
        for first, second in combinations(seen, 2)
    )
    assert nearest > 0.055


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_label_dots_stand_out(theme: Tokens) -> None:
    assert len(theme.hues) == len(HUE_NAMES) == 8
    assert all(contrast(hue, theme.surface) >= 3 for hue in theme.hues)


def test_a_color_of_a_newer_version_is_shown_muted() -> None:
    assert LIGHT.named("ultraviolet") == LIGHT.muted
    assert LIGHT.named("teal") == LIGHT.hues[HUE_NAMES.index("teal")]


def test_every_measure_lies_on_the_grid_of_four() -> None:
    for metrics in METRICS.values():
        for name in ("gap_small", "gap", "gap_medium", "gap_large", "gap_huge", "bar", "control", "header"):
            assert getattr(metrics, name) % 4 == 0, name


def _linear(color: str) -> tuple[float, ...]:
    return tuple(
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (x / 255 for x in channels(color))
    )


def _seen_by(color: str, matrix: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    rgb = _linear(color)
    return tuple(min(1.0, max(0.0, sum(m * c for m, c in zip(row, rgb, strict=True)))) for row in matrix)


def _oklab(rgb: tuple[float, ...]) -> tuple[float, float, float]:
    r, g, b = rgb
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )
