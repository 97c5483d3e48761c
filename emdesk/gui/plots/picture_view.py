"""A family's picture as a widget: the marks of a `Picture`, drawn in place from frame to frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel

from emdesk.gui.plots.canvas import Strip
from emdesk.gui.plots.drawn_canvas import DrawnCanvas
from emdesk.gui.plots.extents import frame_key, home_extent, steadied
from emdesk.gui.plots.renderers import RENDERERS, Look, Renderer, Stage
from emdesk.gui.theme import TYPE, font
from emdesk.model.marks import Picture, Points, Stack
from emdesk.texts import say

ROUGH_ABOVE = 5_000
STRIP_HEIGHT = 54
_NOTHING = Picture(title="", marks=())


class PictureView(DrawnCanvas):
    """Shows a picture; `row_text` may be set to say what the tooltip of a row says."""

    strip_below = Strip(height=STRIP_HEIGHT, numbers=False)
    has_whole_x = False

    def _begin(self) -> None:
        self._picture = _NOTHING
        self._look = Look()
        self._frame: tuple[object, ...] = ()
        self._renderers: dict[type, Renderer] = {}

    def _make_items(self) -> None:
        stage = Stage(self.main, self.strip)
        self._renderers = {kind: make(stage) for kind, make in RENDERERS.items()}
        self._hint = QLabel(self)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._dress_hint()

    @property
    def picture(self) -> Picture:
        """What is shown."""
        return self._picture

    @property
    def look(self) -> Look:
        """How it is shown."""
        return self._look

    def present(self, picture: Picture, *, live: bool = False) -> None:
        """Show a picture; the same axes and rows keep the zoom. `live` during a run or a drag."""
        self._picture = picture
        self._look = replace(self._look, live=live)
        self.bottom.grouped = not picture.x_is_time
        self.bottom.set_places(picture.x_names)
        self.left.set_places(picture.y_names)
        self.set_names(picture.x_label, picture.y_label, _strip_name(picture))
        self.speak(picture.title, picture.description or picture.hint)
        self._set_frame(picture)
        self._draw()

    def set_emphasis(self, group: int | None) -> None:
        """Choose one group: the others step back."""
        self._change(replace(self._look, emphasis=group))

    def set_hidden(self, groups: frozenset[int]) -> None:
        """Leave these groups out of the picture."""
        self._change(replace(self._look, hidden=groups))

    def set_selected(self, rows: NDArray[np.intp] | Sequence[int]) -> None:
        """Ring these rows, given by row number."""
        self._change(replace(self._look, selected=np.asarray(rows, dtype=np.intp)))

    def set_slots(self, slots: tuple[int, ...]) -> None:
        """Which colour and shape each group has."""
        if slots != self._look.slots:
            self._change(replace(self._look, slots=slots))

    def set_stale(self, stale: bool) -> None:
        """The form no longer matches the picture: draw it at 40 %."""
        if stale != self._look.stale:
            self._change(replace(self._look, stale=stale))

    def restyle(self) -> None:
        """Draw the picture again in the present colours."""
        self._look = replace(self._look, tokens=self.tokens, ratio=self.ratio)
        if self._is_made:
            self._dress_hint()
        super().restyle()

    def _dress_hint(self) -> None:
        self._hint.setFont(font(TYPE.body))
        self._hint.setStyleSheet(f"QLabel {{ color: {self.tokens.text2}; }}")

    def _show_same(self, twin: Self) -> None:
        """With the same choices, as outlines rather than images where a vector format takes them."""
        twin._look = replace(
            self._look, tokens=twin.tokens, ratio=twin.ratio, live=False, stale=False, vector=True
        )
        twin.present(self._picture)

    def _change(self, look: Look) -> None:
        self._look = look
        self._draw()

    def _set_frame(self, picture: Picture) -> None:
        key = frame_key(picture)
        home = home_extent(picture)
        if key == self._frame:
            self.set_home(steadied(self._home, home, picture))
        else:
            self._frame = key
            self.set_home(home, keep_view=False)
        stacks = [mark for mark in picture.marks if isinstance(mark, Stack)]
        self.set_strip_shown(bool(stacks))
        if stacks:
            self.set_strip_range(0.0, 1.0)

    def _draw(self) -> None:
        picture = self._picture
        rows = sum(len(mark.x) for mark in picture.marks if isinstance(mark, Points))
        self.set_antialias(not (self._look.live and rows > ROUGH_ABOVE))
        for kind, renderer in self._renderers.items():
            renderer.draw([mark for mark in picture.marks if type(mark) is kind], self._look)
        points = [mark for mark in picture.marks if isinstance(mark, Points)]
        if points:
            self.rows.set_rows(
                np.concatenate([mark.x for mark in points]),
                np.concatenate([mark.y for mark in points]),
                np.concatenate([mark.rows for mark in points]),
            )
        else:
            self.rows.clear()
        self._show_hint()

    def _show_hint(self) -> None:
        empty = not self._picture.marks
        self._hint.setText(self._picture.hint if empty else "")
        self._hint.setVisible(empty)
        self.graphics.setVisible(not empty)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The hint stays in the middle."""
        super().resizeEvent(event)
        if self._is_made:
            self._hint.setGeometry(self.rect().adjusted(24, 24, -24, -24))


def _strip_name(picture: Picture) -> str:
    names = [mark.name or say("plots.share") for mark in picture.marks if isinstance(mark, Stack)]
    return names[0] if names else ""
