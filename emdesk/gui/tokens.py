"""Every colour, distance and type size of the window, for both themes.

The style sheet, the palette, the icons and the plots are all made from these tokens. The frame is
grey and white with one violet; the data colours below belong to groups in the data alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Tokens:
    """The colours of one theme by role, as `#RRGGBB`."""

    dark: bool
    bg: str
    surface: str
    sunken: str
    hover: str
    border: str
    grid: str
    control: str
    text: str
    text2: str
    text3: str
    accent: str
    accent_hover: str
    on_accent: str
    soft: str
    ok: str
    ok_tint: str
    warn: str
    warn_tint: str
    bad: str
    bad_tint: str
    info: str
    info_tint: str
    hist: str

    def colour(self, role: str) -> str:
        """The colour of a role; a colour written as `#RRGGBB` is itself."""
        return role if role.startswith("#") else str(getattr(self, role))


LIGHT = Tokens(
    dark=False,
    bg="#F4F4F6",
    surface="#FFFFFF",
    sunken="#EFEFF2",
    hover="#EAEAEF",
    border="#E1E1E7",
    grid="#ECECF0",
    control="#8C8C98",
    text="#1B1B20",
    text2="#55555F",
    text3="#676772",
    accent="#5646C2",
    accent_hover="#4A3BB0",
    on_accent="#FFFFFF",
    soft="#ECE9FB",
    ok="#1B7340",
    ok_tint="#E5F4EA",
    warn="#8A5300",
    warn_tint="#FCF1DC",
    bad="#B3261E",
    bad_tint="#FCE9E7",
    info="#1F5FA8",
    info_tint="#E6F0FA",
    hist="#C4C4CF",
)

DARK = Tokens(
    dark=True,
    bg="#141417",
    surface="#1C1C20",
    sunken="#26262B",
    hover="#2A2A30",
    border="#303037",
    grid="#29292F",
    control="#6F6F7A",
    text="#EDEDF2",
    text2="#B0B0BB",
    text3="#92929E",
    accent="#A598FF",
    accent_hover="#B7ACFF",
    on_accent="#16131F",
    soft="#2C2848",
    ok="#6CCB8E",
    ok_tint="#17301F",
    warn="#E8B35A",
    warn_tint="#33270F",
    bad="#FF8A80",
    bad_tint="#3A1B19",
    info="#7DB7F0",
    info_tint="#152838",
    hist="#4A4A55",
)


def with_more_contrast(tokens: Tokens) -> Tokens:
    """The same theme with hairlines as strong as outlines and hints as strong as labels."""
    return replace(tokens, border=tokens.control, text3=tokens.text2)


@dataclass(frozen=True)
class Space:
    """Distances in pixels at 100 %."""

    hair: int = 2
    tight: int = 4
    small: int = 8
    medium: int = 12
    large: int = 16
    wide: int = 24
    huge: int = 32
    row: int = 36
    field: int = 28
    table_row: int = 28
    compact_row: int = 24


@dataclass(frozen=True)
class Radius:
    """Corner radii in pixels at 100 %."""

    page: int = 2
    inner: int = 4
    control: int = 6
    card: int = 8


@dataclass(frozen=True)
class TypeSize:
    """Type sizes in pixels at 100 %."""

    axis: int = 11
    small: int = 12
    body: int = 13
    tab: int = 14
    message: int = 15
    dialog: int = 20
    page: int = 23


SPACE = Space()
RADIUS = Radius()
TYPE = TypeSize()

# Okabe and Ito's colours, ordered so that the first four are strong on white; darkening the pale
# ones would make them alike for a deuteranope, so they get an outline in the light theme instead.
GROUP_COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#E69F00",
    "#56B4E9",
    "#3D3D46",
    "#F0E442",
)
INK = 6
INK_ON_DARK = "#C9C9D2"
PALE = frozenset({4, 5, 7})
GROUP_SYMBOLS = ("o", "t1", "s", "d", "p", "t", "star", "h")

DIVERGING = ("#0072B2", "#D55E00")
_RAMP_LIGHT = ("#FFFFFF", "#E4E9F2", "#B9C6DC", "#7F94B8", "#4A6189", "#22375C")
_RAMP_DARK = ("#1C1C20", "#243142", "#33506F", "#4E7CA6", "#86B2D8", "#DCEBF8")


def group_colour(index: int, tokens: Tokens) -> str:
    """The colour of the group in slot `index`, counted from 0; colours repeat after eight."""
    slot = index % len(GROUP_COLOURS)
    return INK_ON_DARK if slot == INK and tokens.dark else GROUP_COLOURS[slot]


def group_symbol(index: int) -> str:
    """The pyqtgraph symbol of the group; it moves on by one for each round of the colours."""
    return GROUP_SYMBOLS[(index + index // len(GROUP_COLOURS)) % len(GROUP_SYMBOLS)]


def group_outline(index: int, tokens: Tokens) -> str | None:
    """The outline that keeps a pale colour visible on white; None where none is needed."""
    return tokens.text2 if not tokens.dark and index % len(GROUP_COLOURS) in PALE else None


def density_ramp(tokens: Tokens) -> list[str]:
    """From the surface to the strongest colour, evenly spaced stops."""
    return list(_RAMP_DARK if tokens.dark else _RAMP_LIGHT)


def diverging_ramp(tokens: Tokens) -> list[str]:
    """For signed values: lowest, zero (the surface), highest."""
    return [DIVERGING[0], tokens.surface, DIVERGING[1]]


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, contrast ratio and relative luminance)."""
    bright, dim = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
