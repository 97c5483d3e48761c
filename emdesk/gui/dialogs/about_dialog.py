"""What this program is, its version, and what it is built with."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from emdesk import __version__
from emdesk.gui.dialogs.brand_mark import BrandMark
from emdesk.gui.theme import theme
from emdesk.gui.widgets.buttons import Button
from emdesk.gui.widgets.section import Hairline
from emdesk.gui.widgets.text import Text
from emdesk.texts import say

WIDTH = 480
# What the program carries: distribution, module, licence (as the SPDX list names it).
PARTS = (
    ("PySide6_Essentials", "PySide6", "LGPL-3.0"),
    ("pyqtgraph", "pyqtgraph", "MIT"),
    ("numpy", "numpy", "BSD-3-Clause"),
    ("scipy", "scipy", "BSD-3-Clause"),
    ("threadpoolctl", "threadpoolctl", "BSD-3-Clause"),
)
RESOURCES = (("Inter", "OFL-1.1"), ("Phosphor Icons", "MIT"))


def parts_in_use() -> tuple[tuple[str, str, str], ...]:
    """Name, version and licence of Python and of everything the program is built with."""
    python = ("Python", ".".join(map(str, sys.version_info[:3])), "PSF-2.0")
    libraries = [(module, _version(name, module), licence) for name, module, licence in PARTS]
    return (python, *libraries, *((name, "", licence) for name, licence in RESOURCES))


def _version(distribution: str, module: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:  # a packaged program does not carry every description
        return str(getattr(sys.modules.get(module), "__version__", ""))


class AboutDialog(QDialog):
    """Version and licences; "Copy details" puts the list on the clipboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(say("about.title"))
        self.setModal(True)
        self.setFixedWidth(theme().px(WIDTH))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 18)
        layout.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(BrandMark(self), 0, Qt.AlignmentFlag.AlignVCenter)
        head.addWidget(Text(say("about.name", version=__version__), "dialog", self), 1)
        layout.addLayout(head)
        layout.addWidget(Text(say("about.what"), "body", self, wrap=True))
        layout.addWidget(Hairline(self))
        layout.addWidget(Text(say("about.built_with"), "section", self))
        layout.addLayout(self._parts())
        layout.addWidget(Text(say("about.qt"), "hint", self, wrap=True))
        layout.addSpacing(6)
        layout.addLayout(self._foot())

    def _parts(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(2, 1)
        for row, cells in enumerate(parts_in_use()):
            for column, (text, role) in enumerate(
                zip(cells, ("body", "number", "small"), strict=True)
            ):
                grid.addWidget(Text(text, role, self), row, column)
        return grid

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        self.copy_button = Button(say("dialog.copy_details"), "quiet", "", self)
        self.copy_button.clicked.connect(lambda _checked=False: self._copy())
        close = Button(say("dialog.close"), "primary", "", self)
        close.setDefault(True)
        close.clicked.connect(lambda _checked=False: self.accept())
        foot.addWidget(self.copy_button)
        foot.addStretch(1)
        foot.addWidget(close)
        return foot

    def _copy(self) -> None:
        lines = [say("about.name", version=__version__)]
        lines += [" ".join(filter(None, part)) for part in parts_in_use()]
        QGuiApplication.clipboard().setText("\n".join(lines))
