"""The mouse and the wheel, with the buttons held that a real hand holds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from emdesk.gui.plots.picture_view import PictureView

LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


def drag(
    widget: QWidget,
    path: Sequence[QPointF],
    keys: Qt.KeyboardModifier = NO_KEYS,
) -> None:
    """Press at the first place, move through the others, let go at the last."""
    _send(widget, QEvent.Type.MouseMove, path[0], Qt.MouseButton.NoButton, keys)
    _send(widget, QEvent.Type.MouseButtonPress, path[0], LEFT, keys)
    for place in path[1:]:
        _send(widget, QEvent.Type.MouseMove, place, LEFT, keys)
    _send(widget, QEvent.Type.MouseButtonRelease, path[-1], LEFT, keys)


def click(widget: QWidget, place: QPointF, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
    """Press and let go."""
    drag(widget, [place], keys)


def double_click(widget: QWidget, place: QPointF) -> None:
    """Two clicks in quick succession."""
    click(widget, place)
    _send(widget, QEvent.Type.MouseButtonDblClick, place, LEFT, NO_KEYS)
    _send(widget, QEvent.Type.MouseButtonRelease, place, LEFT, NO_KEYS)


def press_key(
    widget: QWidget, key: Qt.Key, text: str = "", keys: Qt.KeyboardModifier = NO_KEYS
) -> None:
    """A key pressed and let go, with the widget focused."""
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(widget, QKeyEvent(kind, key, keys, text))


def hover(widget: QWidget, place: QPointF) -> None:
    """Move without a button."""
    _send(widget, QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton, NO_KEYS)


def wheel(
    widget: QWidget, place: QPointF, notches: int, keys: Qt.KeyboardModifier = NO_KEYS
) -> None:
    """Turn the wheel away from the hand by so many notches."""
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def on_screen(view: PictureView, x: float, y: float) -> QPointF:
    """Where a place in the analyst's units is in the viewport."""
    scene = view.main.mapViewToScene(QPointF(x, y))
    return QPointF(view.graphics.mapFromScene(scene))


def _send(
    widget: QWidget,
    kind: QEvent.Type,
    place: QPointF,
    button: Qt.MouseButton,
    keys: Qt.KeyboardModifier,
) -> None:
    moving = kind is QEvent.Type.MouseMove
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else button
    cause = Qt.MouseButton.NoButton if moving else button
    at = QPointF(widget.mapToGlobal(place.toPoint()))
    QApplication.sendEvent(widget, QMouseEvent(kind, place, at, cause, held, keys))
