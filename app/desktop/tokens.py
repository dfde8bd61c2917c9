"""Colours, sizes and weights of the window, in one place. Plain data: nothing here imports Qt.

Everything that paints takes its numbers from here, so that a theme is one value and a density another.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ThemeName(StrEnum):
    """The themes to choose from; SYSTEM follows the desktop's own setting between light and dark."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    SUN = "sun"


class Density(StrEnum):
    """How tall rows and targets are."""

    NORMAL = "normal"
    DENSE = "dense"
    TOUCH = "touch"


HUE_NAMES = ("red", "orange", "amber", "green", "teal", "blue", "violet", "pink")
"""The hues of labels, by the names that are stored. Their colours differ in lightness too, so that they stay
apart for people who see red and green, or blue and yellow, alike."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme as ``#RRGGBB``, and the weights of its text.

    ``background`` lies behind bars, ``surface`` behind content. ``hues`` are in the order of HUE_NAMES.
    ``caution`` is the ground under a conflict; ``hover`` is laid over whatever lies below.
    """

    name: str
    dark: bool
    background: str
    surface: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    selected: str
    danger: str
    warning: str
    success: str
    caution: str
    hues: tuple[str, ...]
    hover_alpha: float = 0.04
    weight: int = 400
    weight_strong: int = 600

    def named(self, color: str) -> str:
        """The colour for a stored colour name: a hue, ``muted``, or muted for a name that is not known."""
        if color in HUE_NAMES:
            return self.hues[HUE_NAMES.index(color)]
        return self.muted


LIGHT = Tokens(
    name="light",
    dark=False,
    background="#F6F7F8",
    surface="#FFFFFF",
    line="#E3E5E8",
    text="#1B1E22",
    muted="#5F6670",
    accent="#2F5FD0",
    on_accent="#FFFFFF",
    selected="#E8EEFC",
    danger="#B3261E",
    warning="#8A5A00",
    success="#1F7A3D",
    caution="#F7F1E6",
    hues=("#A31E27", "#95664A", "#A58D42", "#2B5B35", "#2B8B95", "#748BE8", "#9A78C1", "#DB5283"),
)

DARK = Tokens(
    name="dark",
    dark=True,
    background="#141618",
    surface="#1B1E21",
    line="#2C3035",
    text="#E7E9EC",
    muted="#9BA2AB",
    accent="#7FA3F5",
    on_accent="#141618",
    selected="#243250",
    danger="#F28B82",
    warning="#E2B14A",
    success="#6CC58A",
    caution="#2E2A20",
    hues=("#FD7F8D", "#9E6C3A", "#FDB734", "#78A454", "#2AB7BD", "#4879BC", "#BC94FC", "#C4437E"),
)

SUN = Tokens(
    name="sun",
    dark=False,
    background="#FFFFFF",
    surface="#FFFFFF",
    line="#595959",
    text="#000000",
    muted="#333333",
    accent="#123A94",
    on_accent="#FFFFFF",
    selected="#DCE6FF",
    danger="#8E120C",
    warning="#5A3A00",
    success="#0B4F22",
    caution="#FFF3D6",
    hues=("#A31E27", "#95664A", "#A58D42", "#2B5B35", "#2B8B95", "#748BE8", "#9A78C1", "#DB5283"),
    hover_alpha=0.08,
    weight=500,
    weight_strong=700,
)

AVATAR_GROUNDS = (
    "#7C3AED",
    "#0E7490",
    "#B93C0B",
    "#177A3B",
    "#2F5FD0",
    "#A3195B",
    "#8A5A00",
    "#4B5563",
)
"""Grounds under the white initials of a person; the same in every theme."""

AVATAR_TEXT = "#FFFFFF"


@dataclass(frozen=True, slots=True)
class Metrics:
    """Sizes in device-independent pixels for one density. All gaps are multiples of four."""

    row: int
    header: int
    bar: int
    control: int
    base: int
    caption: int
    title: int
    large: int
    icon: int = 16
    gap_small: int = 4
    gap: int = 8
    gap_medium: int = 12
    gap_large: int = 16
    gap_huge: int = 24
    radius: int = 6
    side_bar: int = 220


METRICS = {
    Density.NORMAL: Metrics(row=32, header=28, bar=48, control=32, base=13, caption=11, title=15, large=20),
    Density.DENSE: Metrics(row=26, header=24, bar=44, control=28, base=13, caption=11, title=15, large=20),
    Density.TOUCH: Metrics(
        row=44, header=36, bar=60, control=44, base=16, caption=13, title=18, large=24, icon=20
    ),
}


def channels(color: str) -> tuple[int, int, int]:
    """Red, green and blue (0 to 255) of ``#RRGGBB``."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def mix(over: str, under: str, alpha: float) -> str:
    """The colour that ``over`` gives at ``alpha`` (0 to 1) on ``under``."""
    pairs = zip(channels(over), channels(under), strict=True)
    return "#" + "".join(f"{round(a * alpha + b * (1 - alpha)):02X}" for a, b in pairs)


def luminance(color: str) -> float:
    """Relative luminance (0 to 1) as WCAG 2 defines it."""
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
        for c in (channel / 255 for channel in channels(color))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """The contrast ratio (1 to 21) of two colours as WCAG 2 defines it."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)
