"""The flow of rows from the groups of A to those of B: a column of groups at each side, bands between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from emdesk.app.pairing.matching import NOISE_SLOT
from emdesk.app.pairing.pair import Pair
from emdesk.gui.icons import paint_group
from emdesk.gui.plots.ringed import RingedWidget
from emdesk.gui.theme import TYPE, Tokens, font, group_colour, theme
from emdesk.model.marks import Points
from emdesk.texts import say, say_count
from emdesk.texts.numbers import whole

F64 = NDArray[np.float64]
POST, GAP, SIDE, HEAD, MARK = 5.0, 12.0, 52.0, 26.0, 11.0
STAYS, MOVES = 0.28, 0.62
LEAST_TALL, LEAST_NUMBER = 1.5, 12.0
PLACES = (0.25, 0.5, 0.72, 0.88, 0.12)
"""Where the count of a band may stand, as shares of its way."""


@dataclass(frozen=True)
class Post:
    """A group in its column: from `top` to `bottom`."""

    slot: int
    name: str
    rows: float
    top: float
    bottom: float


@dataclass(frozen=True, eq=False)
class Band:
    """Rows that go from a post of A to a post of B; each end has its own top and both the same height."""

    source: int
    target: int
    rows: float
    top_left: float
    top_right: float
    tall: float
    moves: bool


@dataclass(frozen=True, eq=False)
class FlowPlan:
    """Where posts and bands stand in a rectangle of this height."""

    left: tuple[Post, ...]
    right: tuple[Post, ...]
    bands: tuple[Band, ...]


def flow_plan(
    counts: F64,
    slots: tuple[tuple[int, ...], tuple[int, ...]],
    names: tuple[tuple[str, ...], tuple[str, ...]],
    height: float,
) -> FlowPlan:
    """Lay out the counts (K, L): the groups of each side in the order of their colours, noise last, as tall as they
    have rows."""
    orders = [_order(side, size) for side, size in zip(slots, counts.shape, strict=True)]
    table = counts[np.ix_(orders[0], orders[1])]
    total = float(table.sum()) or 1.0
    most = max(len(orders[0]), len(orders[1]))
    scale = max(0.0, height - GAP * (most - 1)) / total
    sides = []
    for axis, (order, own, words) in enumerate(zip(orders, slots, names, strict=True)):
        top, posts = 0.0, []
        for place, group in enumerate(order):
            rows = float(table.sum(axis=1 - axis)[place])
            bottom = top + scale * rows
            is_noise = group >= len(own)
            slot = NOISE_SLOT if is_noise else own[group]
            name = say("group.noise") if is_noise else words[group]
            posts.append(Post(slot, name, rows, top, bottom))
            top = bottom + GAP
        sides.append(tuple(posts))
    return FlowPlan(sides[0], sides[1], _bands(table, sides[0], sides[1], scale))


def _order(slots: tuple[int, ...], size: int) -> list[int]:
    return [*(int(k) for k in np.argsort(slots)), *range(len(slots), size)]


def _bands(
    table: F64, left: tuple[Post, ...], right: tuple[Post, ...], scale: float
) -> tuple[Band, ...]:
    at_right = [post.top for post in right]
    bands = []
    for i, post in enumerate(left):
        top = post.top
        for j, other in enumerate(right):
            rows = float(table[i, j])
            if rows > 0:
                tall = scale * rows
                bands.append(Band(i, j, rows, top, at_right[j], tall, post.slot != other.slot))
                top += tall
                at_right[j] += tall
    return tuple(sorted(bands, key=lambda band: band.moves))


class FlowView(RingedWidget):
    """Draws a pair; the tooltip says how many rows a band has, and a screen reader hears the bands that move."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pair: Pair | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._restyle)

    def sizeHint(self) -> QSize:
        return QSize(250, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(170, 120)

    @Slot()
    def _restyle(self) -> None:
        self.update()

    @property
    def plan(self) -> FlowPlan | None:
        """Where everything stands now."""
        pair = self._pair
        if pair is None:
            return None
        names = (pair.first.groups, pair.second.groups)
        room = self.height() - HEAD - 6
        return flow_plan(pair.matching.counts, pair.matching.slots, names, room)

    def render_pair(self, pair: Pair | None) -> None:
        """Show the flow of a pair, or nothing."""
        self._pair = pair
        self.setAccessibleName(say("pair.flow"))
        words = ""
        if pair is not None:
            changed = whole(len(pair.matching.changed))
            words = say("spoken.flow", rows=whole(pair.matching.rows), changed=changed)
        self.setAccessibleDescription(words)
        self.update()

    # ------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, tokens, plan = QPainter(self), theme().tokens, self.plan
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if plan is not None:
            self._write_heads(painter, tokens)
            painter.translate(0, HEAD)
            for band in plan.bands:
                self._paint_band(painter, plan, band, tokens)
            for posts, is_left in ((plan.left, True), (plan.right, False)):
                for post in posts:
                    self._paint_post(painter, post, is_left, tokens)
            self._write_moving(painter, plan, tokens)
            painter.translate(0, -HEAD)
        self.paint_ring(painter, QRectF(self.rect()))
        painter.end()

    @property
    def _inner(self) -> tuple[float, float]:
        """Where the bands begin and end."""
        return SIDE + POST, self.width() - SIDE - POST

    def _write_heads(self, painter: QPainter, tokens: Tokens) -> None:
        painter.setFont(font(TYPE.small, 600))
        painter.setPen(QColor(tokens.text2))
        left, right = self._inner
        for x, key in ((left - POST, "pair.first"), (right + POST, "pair.second")):
            box = QRectF(x - 20, 0, 40, HEAD - 6)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), say(key))

    def _path(self, band: Band) -> QPainterPath:
        (left, right), tall = self._inner, max(LEAST_TALL, band.tall)
        middle = (left + right) / 2
        path = QPainterPath(QPointF(left, band.top_left))
        path.cubicTo(middle, band.top_left, middle, band.top_right, right, band.top_right)
        path.lineTo(right, band.top_right + tall)
        path.cubicTo(
            middle, band.top_right + tall, middle, band.top_left + tall, left, band.top_left + tall
        )
        path.closeSubpath()
        return path

    def _paint_band(self, painter: QPainter, plan: FlowPlan, band: Band, tokens: Tokens) -> None:
        colour = QColor(_colour(plan.left[band.source].slot, tokens))
        colour.setAlphaF(MOVES if band.moves else STAYS)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPath(self._path(band))

    def _paint_post(self, painter: QPainter, post: Post, is_left: bool, tokens: Tokens) -> None:
        left, right = self._inner
        x = left - POST if is_left else right
        tall = max(LEAST_TALL, post.bottom - post.top)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(_colour(post.slot, tokens)))
        painter.drawRect(QRectF(x, post.top, POST, tall))
        middle = (post.top + post.bottom) / 2
        painter.setFont(font(TYPE.small, 600))
        painter.setPen(QColor(tokens.text))
        number = whole(post.rows)
        mark = QRectF(0, middle - MARK / 2, MARK, MARK)
        if is_left:
            box = QRectF(0, middle - 10, SIDE - 8, 20)
            painter.drawText(box, _RIGHT, number)
            wide = painter.fontMetrics().horizontalAdvance(number)
            mark.moveLeft(SIDE - 8 - wide - MARK - 5)
        else:
            box = QRectF(right + POST + 8, middle - 10, SIDE - 8, 20)
            painter.drawText(box, _LEFT, number)
            wide = painter.fontMetrics().horizontalAdvance(number)
            mark.moveLeft(right + POST + 8 + wide + 5)
        paint_group(painter, mark, post.slot, tokens)

    def _write_moving(self, painter: QPainter, plan: FlowPlan, tokens: Tokens) -> None:
        """The rows that move are counted on their bands, each where no other count stands."""
        painter.setFont(font(TYPE.small, 600))
        painter.setPen(QPen(QColor(tokens.text)))
        taken: list[QRectF] = []
        for band in sorted((b for b in plan.bands if b.moves), key=lambda b: -b.rows):
            boxes = [self._count_box(painter, band, share) for share in PLACES]
            free = (box for box in boxes if not any(box.intersects(other) for other in taken))
            box = next(free, None)
            if box is not None:
                taken.append(box)
                painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), whole(band.rows))

    def _count_box(self, painter: QPainter, band: Band, share: float) -> QRectF:
        """Where the count of a band stands at a share of its way: in it, or just above a thin one."""
        left, right = self._inner
        wide = painter.fontMetrics().horizontalAdvance(whole(band.rows)) + 2
        y = _along(band.top_left, band.top_right, share) + band.tall / 2
        if band.tall < LEAST_NUMBER:
            y -= band.tall / 2 + 9
        return QRectF(left + share * (right - left) - wide / 2, y - 8, wide, 16)

    # ------------------------------------------------------------ asking

    def band_at(self, position: QPointF) -> Band | None:
        """The band under a position of this widget, those that move first."""
        plan = self.plan
        if plan is None:
            return None
        place = QPointF(position.x(), position.y() - HEAD)
        return next((b for b in reversed(plan.bands) if self._path(b).contains(place)), None)

    def event(self, event: QEvent) -> bool:
        """The tooltip of the band under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            band, plan = self.band_at(QPointF(event.pos())), self.plan
            tip = ""
            if band is not None and plan is not None:
                tip = say(
                    "pair.flow_says",
                    from_group=plan.left[band.source].name,
                    to_group=plan.right[band.target].name,
                    rows=whole(band.rows),
                )
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)


def changed_words(pair: Pair, most_rings: int) -> str:
    """How many rows change their group, and how the pictures show them."""
    changed = len(pair.matching.changed)
    if not changed:
        return say("pair.none_changed")
    if not any(isinstance(mark, Points) for mark in pair.first.picture.marks):
        return say_count("pair.changed_only", changed)  # rows are no symbols there
    key = "pair.changed" if changed <= most_rings else "pair.changed_faded"
    return say_count(key, changed)


_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def _along(start: float, end: float, share: float) -> float:
    """The height of the middle line of a band at a share of its way: that of its cubic."""
    t = share
    for _ in range(8):  # x(t) of the curve is not t: its two inner points stand in the middle
        x = 1.5 * t * (1 - t) ** 2 + 1.5 * t * t * (1 - t) + t**3
        t += share - x
    rise = 3 * t * t * (1 - t) + t**3
    return start + (end - start) * rise


def _colour(slot: int, tokens: Tokens) -> str:
    return tokens.text3 if slot < 0 else group_colour(slot, tokens)
