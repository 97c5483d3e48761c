"""Draw the program's icon in every size that a window system or an installer asks for.

    python resources/packaging/make_icons.py

writes `resources/icons/emdesk-16.png` ... `emdesk-512.png` from `resources/icons/emdesk.svg`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


def make_icons(folder: Path) -> list[Path]:
    """Render `emdesk.svg` in this folder to one PNG a size; returns the files written."""
    from PySide6.QtCore import QRectF, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(str(folder / "emdesk.svg"))
    written = []
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        path = folder / f"emdesk-{size}.png"
        if not image.save(str(path)):
            raise OSError(f"could not write {path}")
        written.append(path)
    return written


def main() -> int:
    """Write the files and name them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication(sys.argv)
    for path in make_icons(Path(__file__).resolve().parents[1] / "icons"):
        print(path.name)
    del application
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
