"""The look of the running application: which tokens are in force, and everything made from them."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from emdesk.gui.style_sheet import style_sheet
from emdesk.gui.svg import write_marks
from emdesk.gui.tokens import (
    DARK,
    DIVERGING,
    GROUP_COLOURS,
    GROUP_SYMBOLS,
    LIGHT,
    RADIUS,
    SPACE,
    TYPE,
    Tokens,
    contrast,
    density_ramp,
    diverging_ramp,
    group_colour,
    group_outline,
    group_symbol,
    with_more_contrast,
)
from emdesk.resources import resources_root

__all__ = [
    "DARK",
    "DIVERGING",
    "GROUP_COLOURS",
    "GROUP_SYMBOLS",
    "LIGHT",
    "RADIUS",
    "SPACE",
    "TYPE",
    "Mode",
    "Theme",
    "Tokens",
    "contrast",
    "density_ramp",
    "diverging_ramp",
    "font",
    "group_colour",
    "group_outline",
    "group_symbol",
    "theme",
]

FONT_FAMILY = "Inter"


class Mode(StrEnum):
    """Where the choice between light and dark comes from."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """The tokens in force; `changed` follows every change of them or of the text scale."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mode = Mode.SYSTEM
        self._increase_contrast = False
        self._text_scale = 1.0
        self._app: QApplication | None = None
        self._tokens = LIGHT
        # a style sheet names its pictures by file
        self._marks = Path(tempfile.mkdtemp(prefix="emdesk-"))
        weakref.finalize(self, shutil.rmtree, self._marks, ignore_errors=True)
        hints = QGuiApplication.styleHints()
        self._system_scheme = hints.colorScheme()
        hints.colorSchemeChanged.connect(self._follow_system)
        self._choose()

    @property
    def tokens(self) -> Tokens:
        """The colours in force."""
        return self._tokens

    @property
    def mode(self) -> Mode:
        """Following the system, or fixed to light or dark."""
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._mode = Mode(mode)
        hints = QGuiApplication.styleHints()
        if self._mode is Mode.SYSTEM:
            hints.unsetColorScheme()
            self._system_scheme = hints.colorScheme()
        else:  # title bars and the system's own dialogs follow too
            dark = self._mode is Mode.DARK
            hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
        self._choose()

    @property
    def increase_contrast(self) -> bool:
        """Hairlines as strong as outlines, hints as strong as labels."""
        return self._increase_contrast

    @increase_contrast.setter
    def increase_contrast(self, on: bool) -> None:
        self._increase_contrast = on
        self._choose()

    @property
    def text_scale(self) -> float:
        """The size of text relative to 100 %."""
        return self._text_scale

    @text_scale.setter
    def text_scale(self, scale: float) -> None:
        if scale != self._text_scale:
            self._text_scale = scale
            self._renew()

    def px(self, size: int) -> int:
        """A type size at the present text scale, in pixels."""
        return round(size * self._text_scale)

    def apply(self, app: QApplication) -> None:
        """Give the application its style, fonts, palette and style sheet, and keep them renewed."""
        self._app = app
        app.setStyle("Fusion")
        _load_fonts()
        self._renew()

    @Slot(Qt.ColorScheme)
    def _follow_system(self, scheme: Qt.ColorScheme) -> None:
        if self._mode is Mode.SYSTEM:
            self._system_scheme = scheme
            self._choose()

    def _choose(self) -> None:
        system_dark = self._system_scheme is Qt.ColorScheme.Dark
        follows_dark = self._mode is Mode.SYSTEM and system_dark
        tokens = DARK if self._mode is Mode.DARK or follows_dark else LIGHT
        if self._increase_contrast:
            tokens = with_more_contrast(tokens)
        if tokens != self._tokens:
            self._tokens = tokens
            self._renew()

    def _renew(self) -> None:
        if self._app is not None and isValid(self._app):
            self._app.setPalette(palette(self._tokens))
            self._app.setFont(font(TYPE.body, scale=self._text_scale))
            marks = write_marks(self._marks, self._tokens)
            self._app.setStyleSheet(style_sheet(self._tokens, marks, self._text_scale))
        self.changed.emit()


_instance: Theme | None = None


def theme() -> Theme:
    """The theme of the running application; it lives and dies with the QApplication."""
    global _instance
    if _instance is None or not isValid(_instance):
        app = QCoreApplication.instance()
        if app is None:
            raise RuntimeError("the theme belongs to a QApplication; make one first")
        _instance = Theme(app)
    return _instance


def font(
    size: int = TYPE.body, weight: int = 400, *, italic: bool = False, scale: float | None = None
) -> QFont:
    """Inter at a type size (px at 100 %) and weight (400, 500, 600), with digits of equal width."""
    made = QFont(FONT_FAMILY)
    made.setPixelSize(round(size * (theme().text_scale if scale is None else scale)))
    made.setWeight(QFont.Weight(weight))
    made.setItalic(italic)
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def palette(tokens: Tokens) -> QPalette:
    """The palette that says the same as the style sheet, for what is painted by Qt itself."""
    made = QPalette()
    roles = {
        QPalette.ColorRole.Window: tokens.bg,
        QPalette.ColorRole.Base: tokens.surface,
        QPalette.ColorRole.AlternateBase: tokens.sunken,
        QPalette.ColorRole.Button: tokens.surface,
        QPalette.ColorRole.ToolTipBase: tokens.surface,
        QPalette.ColorRole.WindowText: tokens.text,
        QPalette.ColorRole.Text: tokens.text,
        QPalette.ColorRole.ButtonText: tokens.text,
        QPalette.ColorRole.ToolTipText: tokens.text2,
        QPalette.ColorRole.PlaceholderText: tokens.text3,
        QPalette.ColorRole.Highlight: tokens.accent,
        QPalette.ColorRole.HighlightedText: tokens.on_accent,
        QPalette.ColorRole.Accent: tokens.accent,
        QPalette.ColorRole.Link: tokens.accent,
        QPalette.ColorRole.LinkVisited: tokens.accent,
        QPalette.ColorRole.BrightText: tokens.bad,
        QPalette.ColorRole.Light: tokens.border,
        QPalette.ColorRole.Midlight: tokens.border,
        QPalette.ColorRole.Mid: tokens.control,
        QPalette.ColorRole.Dark: tokens.control,
        QPalette.ColorRole.Shadow: tokens.border,
    }
    for role, colour in roles.items():
        made.setColor(role, QColor(colour))
    off = QPalette.ColorGroup.Disabled
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        made.setColor(off, role, QColor(tokens.control))
    return made


def _load_fonts() -> None:
    if FONT_FAMILY in QFontDatabase.families():
        return
    folder: Path = resources_root() / "fonts"
    for path in sorted(folder.glob("Inter-*.otf")):
        QFontDatabase.addApplicationFont(str(path))
