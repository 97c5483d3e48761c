"""A table on the clipboard: tab-separated text and HTML, every number with all its digits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from PySide6.QtCore import QMimeData

from emdesk.gui.widgets.table_model import Cell, TableModel, full

HTML_ROWS = 20_000  # more rows than this take a word processor minutes to paste
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def table_mime(model: TableModel, positions: Sequence[int], columns: Sequence[int]) -> QMimeData:
    """These cells with the titles above them, as TSV and, if they are not too many, as HTML."""
    titles = [model.columns[c].title.replace("\n", " ") for c in columns]
    mime = QMimeData()
    lines = ["\t".join(_plain(title) for title in titles)]
    lines += ["\t".join(_inert(v) for v in row) for row in _rows(model, positions, columns)]
    mime.setText("\n".join(lines) + "\n")
    if len(positions) <= HTML_ROWS:
        head = "".join(f"<th>{escape(title)}</th>" for title in titles)
        body = "".join(
            "<tr>" + "".join(_html(value) for value in row) + "</tr>"
            for row in _rows(model, positions, columns)
        )
        mime.setHtml(f"<table><tr>{head}</tr>{body}</table>")
    return mime


def _rows(
    model: TableModel, positions: Sequence[int], columns: Sequence[int]
) -> Iterator[list[Cell]]:
    for position in positions:
        yield [model.value(position, column) for column in columns]


def _plain(text: str) -> str:
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")


def _inert(value: Cell) -> str:
    # text that a spreadsheet would run as a formula is pasted as text
    if isinstance(value, str):
        return f"'{_plain(value)}" if value.startswith(_RISKY) else _plain(value)
    return full(value)


def _html(value: Cell) -> str:
    if isinstance(value, str):
        return f"<td>{escape(_inert(value))}</td>"
    return f'<td align="right">{full(value)}</td>'
