"""A card of the start page: the picture of a real fit, and what the sample is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from emdesk.app.samples import Sample
from emdesk.gui.plots.thumbnail import paint_thumbnail
from emdesk.gui.theme import RADIUS, TYPE, font, theme
from emdesk.model.marks import Picture
from emdesk.texts import say, translated

WORDS_HEIGHT = 76
LEAST_WIDTH = 196
PICTURE_RATIO = 1.1


class SampleCard(QAbstractButton):
    """One sample; pressing it opens the sample with its model set up."""

    def __init__(self, sample: Sample, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sample = sample
        self._picture: Picture | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setToolTip(sample.source)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(
            say(
                "start_page.card_named",
                title=translated(sample.title),
                facts=translated(sample.facts),
                model=translated(sample.model),
            )
        )

    @property
    def picture(self) -> Picture | None:
        """The fit shown; None until it is made."""
        return self._picture

    def set_picture(self, picture: Picture) -> None:
        """Show a fit."""
        self._picture = picture
        self.setAccessibleDescription(picture.description)
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(width * PICTURE_RATIO) + theme().px(WORDS_HEIGHT)

    def sizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, self.heightForWidth(LEAST_WIDTH))

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, self.heightForWidth(LEAST_WIDTH))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(frame, RADIUS.card, RADIUS.card)
        painter.fillPath(shape, QColor(tokens.surface))
        picture_box = QRectF(0, 0, self.width(), self.height() - theme().px(WORDS_HEIGHT))
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(picture_box, QColor(tokens.hover if self.underMouse() else tokens.bg))
        painter.fillRect(picture_box.adjusted(0, picture_box.height(), 0, 1), QColor(tokens.border))
        painter.restore()
        if self._picture is not None:
            paint_thumbnail(painter, picture_box, self._picture, tokens)
        self._paint_words(painter, picture_box.bottom())
        ring = self.hasFocus()
        inset = 0.5 if ring else 0
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(tokens.accent if ring else tokens.border), 2 if ring else 1))
        edge = frame.adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(edge, RADIUS.card, RADIUS.card)

    def _paint_words(self, painter: QPainter, top: float) -> None:
        tokens = theme().tokens
        lines = (
            (self.sample.title, font(TYPE.body, 600), tokens.text),
            (self.sample.facts, font(TYPE.small), tokens.text2),
            (self.sample.model, font(TYPE.small), tokens.text3),
        )
        y = top + theme().px(9)
        for text, face, colour in lines:
            height = theme().px(20)
            box = QRectF(15, y, self.width() - 30, height)
            painter.setFont(face)
            painter.setPen(QColor(colour))
            shown = QFontMetrics(face).elidedText(
                translated(text), Qt.TextElideMode.ElideRight, int(box.width())
            )
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)
            y += height
