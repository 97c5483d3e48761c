"""The timeline's track: the log gain of every iteration as a landscape one can walk through."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QIntValidator,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QToolTip, QWidget

from emdesk.gui.plots.ringed import RingedWidget
from emdesk.gui.plots.ticks import tick_values
from emdesk.gui.theme import RADIUS, TYPE, font, theme
from emdesk.texts import say
from emdesk.texts.numbers import whole

F64 = NDArray[np.float64]

SIDE = 8.0
MARKS = 9.0
NUMBERS = 18.0
LEAST_GAIN = 1e-12
LEAST_DECADES = 3.0
STRIDE = 10
CURSOR_SHARE = 0.55


class MarkKind(StrEnum):
    """What happened at an iteration worth finding again."""

    STOPPED = "stopped"
    MOVED = "moved"
    SENTINEL = "sentinel"


@dataclass(frozen=True)
class TimelineMark:
    """A small flag above the track."""

    iteration: int
    kind: MarkKind


class TimelineTrack(RingedWidget):
    """Drag to scrub, wheel for one iteration, with Shift ten; click on the number to type one."""

    scrubbed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gains: F64 = np.empty(0)
        self._heights: F64 = np.empty(0)
        self._cursor = 0
        self._span = 0
        self._marks: tuple[TimelineMark, ...] = ()
        self._dragging = False
        self._wheel = 0
        self._editor: QLineEdit | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(say("plots.timeline"))
        theme().changed.connect(self._restyle)
        self._restyle()
        self._speak()

    def present(
        self, gains: F64, cursor: int, *, span: int = 0, marks: Sequence[TimelineMark] = ()
    ) -> None:
        """Show gains (t,) of iterations 0..t-1 and the playhead; `span` keeps room up to there."""
        self._gains = np.asarray(gains, dtype=np.float64)
        self._heights = gain_heights(self._gains)
        self._cursor = int(np.clip(cursor, 0, max(0, len(gains) - 1)))
        self._span = max(span, len(gains) - 1, 1)
        self._marks = tuple(marks)
        self._speak()
        self.update()

    @property
    def cursor_iteration(self) -> int:
        """The iteration under the playhead."""
        return self._cursor

    @property
    def last(self) -> int:
        """The last iteration there is; -1 before the first."""
        return len(self._gains) - 1

    def x_of(self, iteration: float) -> float:
        """Where an iteration stands, in pixels from the left."""
        track = self._track()
        return track.left() + SIDE + (track.width() - 2 * SIDE) * iteration / max(1, self._span)

    def iteration_at(self, x: float) -> int:
        """The iteration nearest to a place on the track."""
        track = self._track()
        share = (x - track.left() - SIDE) / max(1.0, track.width() - 2 * SIDE)
        return int(np.clip(round(share * self._span), 0, max(0, self.last)))

    def sizeHint(self) -> QSize:
        """Wide, one card row tall."""
        return QSize(360, 58)

    def minimumSizeHint(self) -> QSize:
        """Room for a few numbers."""
        return QSize(120, 58)

    @Slot()
    def edit_number(self) -> None:
        """Type an iteration in the place of the number box."""
        if self.last < 0 or self._editor is not None:
            return
        editor = QLineEdit(str(self._cursor), self)
        editor.setAccessibleName(say("plots.timeline.type", last=whole(self.last)))
        editor.setValidator(QIntValidator(0, 10**9, editor))
        editor.setAlignment(Qt.AlignmentFlag.AlignCenter)
        editor.setFont(font(TYPE.axis, 600))
        box = self._number_box()
        width = max(64.0, box.width() + 16)
        left = min(max(0.0, box.center().x() - width / 2), self.width() - width)
        height = 24
        editor.setGeometry(int(left), self.height() - height, int(width), height)
        editor.setStyleSheet("QLineEdit { padding: 0; min-height: 0; }")
        editor.returnPressed.connect(self._take_number)
        editor.editingFinished.connect(self._close_editor)
        editor.selectAll()
        editor.show()
        editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self._editor = editor

    # Moving

    def _go(self, iteration: int) -> None:
        if self.last < 0:
            return
        wanted = int(np.clip(iteration, 0, self.last))
        if wanted != self._cursor:
            self._cursor = wanted
            self._speak()
            self.update()
            self.scrubbed.emit(wanted)

    @Slot()
    def _take_number(self) -> None:
        if self._editor is not None and self._editor.text():
            self._go(int(self._editor.text()))

    @Slot()
    def _close_editor(self) -> None:
        editor, self._editor = self._editor, None
        if editor is not None:
            editor.hide()
            editor.deleteLater()
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """On the number: type; elsewhere: go there and scrub on."""
        if event.button() != Qt.MouseButton.LeftButton or self.last < 0:
            super().mousePressEvent(event)
        elif self._number_box().contains(event.position()):
            self.edit_number()
        else:
            self._dragging = True
            self._go(self.iteration_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub."""
        if self._dragging:
            self._go(self.iteration_at(event.position().x()))
        over_number = self._number_box().contains(event.position()) and not self._dragging
        shape = Qt.CursorShape.IBeamCursor if over_number else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The playhead stays."""
        self._dragging = False
        super().mouseReleaseEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """One iteration a notch, ten with Shift; fine wheels add up to notches."""
        delta = event.angleDelta()
        self._wheel += delta.y() or delta.x()
        notches = int(self._wheel / 120)
        self._wheel -= 120 * notches
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._go(self._cursor - notches * (STRIDE if shifted else 1))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Home and End go to the ends, Return types a number."""
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = STRIDE if shifted else 1
        goals = {
            Qt.Key.Key_Left: self._cursor - step,
            Qt.Key.Key_Right: self._cursor + step,
            Qt.Key.Key_PageDown: self._cursor + STRIDE,
            Qt.Key.Key_PageUp: self._cursor - STRIDE,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self.last,
        }
        key = Qt.Key(event.key())
        others = event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        if key in goals and not others:
            self._go(goals[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not others:
            self.edit_number()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """The marks say what they are."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            near = [m for m in self._marks if abs(self.x_of(m.iteration) - event.pos().x()) < 6]
            if near:
                text = say(f"plots.timeline.{near[0].kind}", iteration=whole(near[0].iteration))
                QToolTip.showText(event.globalPos(), text, self)
                return True
        return super().event(event)

    # Drawing

    @Slot()
    def _restyle(self) -> None:
        self.setFixedHeight(max(58, int(MARKS + 26 + QFontMetricsF(font(TYPE.axis)).height() + 6)))
        self.update()

    def _track(self) -> QRectF:
        numbers = max(NUMBERS, QFontMetricsF(font(TYPE.axis)).height() + 4)
        return QRectF(2, MARKS, self.width() - 4, self.height() - MARKS - numbers - 1)

    def _number_box(self) -> QRectF:
        metrics = QFontMetricsF(font(TYPE.axis, 600))
        width = max(24.0, metrics.horizontalAdvance(whole(self._cursor)) + 12)
        height = metrics.height() + 1
        x = min(max(0.0, self.x_of(self._cursor) - width / 2), self.width() - width)
        return QRectF(x, self._track().bottom() + 2, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, landscape, numbers, playhead, marks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens, track = theme().tokens, self._track()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.sunken))
        painter.drawRoundedRect(track, RADIUS.inner, RADIUS.inner)
        if self.last >= 0:
            self._paint_landscape(painter, track)
            self._paint_numbers(painter, track)
            self._paint_marks(painter, track)
            self._paint_playhead(painter, track)
        self.paint_ring(painter, track.adjusted(-2, -2, 2, 2))
        painter.end()

    def _paint_landscape(self, painter: QPainter, track: QRectF) -> None:
        if self.last < 1:
            return
        tokens = theme().tokens
        outline = self._outline(track)
        before = QColor(tokens.accent)
        before.setAlphaF(CURSOR_SHARE)
        split = self.x_of(self._cursor)
        painter.setPen(Qt.PenStyle.NoPen)
        for left, right, fill in (
            (track.left(), split, before),
            (split, track.right(), QColor(tokens.hist)),
        ):
            painter.save()
            painter.setClipRect(QRectF(left, track.top(), right - left, track.height()))
            painter.setBrush(fill)
            painter.drawPolygon(outline)
            painter.restore()

    def _outline(self, track: QRectF) -> QPolygonF:
        """The landscape, at most two points a pixel: the highest gain of each pixel is kept."""
        heights = self._heights
        at = np.arange(1, len(heights), dtype=np.float64)
        values = heights[1:]
        most = max(2, int(track.width()))
        if len(values) > most:
            starts = np.linspace(0, len(values), most, endpoint=False).astype(np.intp)
            values = np.maximum.reduceat(values, starts)
            at = at[starts]
        tall = track.height() - 5
        points = [
            QPointF(self.x_of(i), track.bottom() - tall * h)
            for i, h in zip(at.tolist(), values.tolist(), strict=True)
        ]
        first, last = QPointF(points[0]), QPointF(points[-1])
        first.setY(track.bottom())
        last.setY(track.bottom())
        return QPolygonF([first, *points, last])

    def _paint_numbers(self, painter: QPainter, track: QRectF) -> None:
        tokens = theme().tokens
        painter.setFont(font(TYPE.axis))
        metrics = QFontMetricsF(font(TYPE.axis))
        widest = metrics.horizontalAdvance(whole(self._span)) + 18
        most = max(2, min(9, int(track.width() / widest)))
        values, _ = tick_values(0, self._span, most, whole=True)
        box = self._number_box().adjusted(-4, 0, 4, 0)
        painter.setPen(QColor(tokens.text2))
        baseline = track.bottom() + 2 + metrics.ascent()
        for value in values.tolist():
            text = whole(value)
            advance = metrics.horizontalAdvance(text)
            x = min(max(0.0, self.x_of(value) - advance / 2), self.width() - advance)
            if x + advance >= box.left() and x <= box.right():
                continue
            painter.drawText(QPointF(x, baseline), text)

    def _paint_playhead(self, painter: QPainter, track: QRectF) -> None:
        tokens, box, x = theme().tokens, self._number_box(), self.x_of(self._cursor)
        painter.setPen(QPen(QColor(tokens.accent), 2))
        painter.drawLine(QPointF(x, track.top() - 1), QPointF(x, box.top() + 1))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(box, RADIUS.inner, RADIUS.inner)
        painter.setPen(QColor(tokens.on_accent))
        painter.setFont(font(TYPE.axis, 600))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, whole(self._cursor))

    def _paint_marks(self, painter: QPainter, track: QRectF) -> None:
        tokens = theme().tokens
        colours = {
            MarkKind.STOPPED: tokens.text3,
            MarkKind.MOVED: tokens.accent,
            MarkKind.SENTINEL: tokens.warn,
        }
        painter.setPen(Qt.PenStyle.NoPen)
        for mark in self._marks:
            x, y = self.x_of(mark.iteration), track.top() - 1
            painter.setBrush(QColor(colours[mark.kind]))
            painter.drawPolygon(
                QPolygonF([QPointF(x - 4.5, y - 7), QPointF(x + 4.5, y - 7), QPointF(x, y)])
            )

    def _speak(self) -> None:
        if self.last < 0:
            self.setAccessibleDescription(say("plots.timeline.nothing"))
            return
        at, last = whole(self._cursor), whole(self.last)
        self.setAccessibleDescription(say("plots.timeline.at", iteration=at, last=last))


def gain_heights(gains: F64) -> F64:
    """(t,) heights in 0..1 of the log gains; an iteration that gained nothing is on the ground."""
    heights = np.zeros(len(gains))
    up = np.isfinite(gains) & (gains > LEAST_GAIN)
    if not up.any():
        return heights
    logs = np.log10(gains[up])
    top = float(logs.max())
    bottom = min(float(logs.min()), top - LEAST_DECADES)
    heights[up] = np.clip((logs - bottom) / (top - bottom), 0.02, 1.0)
    return heights if math.isfinite(top) else np.zeros(len(gains))
