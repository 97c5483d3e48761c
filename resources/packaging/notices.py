"""Gathers the licence texts of everything that the packaged program carries."""

from __future__ import annotations

import shutil
import sysconfig
from importlib.metadata import Distribution, distribution
from pathlib import Path

# What each part is under, in the words of its own package; the texts stand beside this list.
BUNDLED = {
    "numpy": "BSD-3-Clause, with parts under other permissive licences",
    "scipy": "BSD-3-Clause, with parts under other permissive licences",
    "threadpoolctl": "BSD-3-Clause",
    "pyqtgraph": "MIT",
    "colorama": "BSD-3-Clause",
    "PySide6_Essentials": "LGPL-3.0-only",
    "shiboken6": "LGPL-3.0-only",
    "pyinstaller": "GPL-2.0-or-later with an exception for the start-up program",
}
LGPL_NOTE = """\
Qt, PySide6 and shiboken6 are used under the GNU Lesser General Public License, version 3. They are
separate shared libraries in the folder `_internal` and may be replaced by other builds of the same
version. Their source code: https://code.qt.io and https://download.qt.io/official_releases/.
The licence is in LGPL-3.txt and builds on the GNU General Public License in GPL-3.txt; both are
also at https://www.gnu.org/licenses/.
"""
COMMON_LICENCES = Path("/usr/share/common-licenses")  # Debian keeps the GNU texts here


def _texts(part: Distribution) -> list[tuple[str, Path]]:
    """The licence files of a distribution: (name to keep it under, where it is)."""
    found = []
    for file in part.files or ():
        inside = [word for word in file.parts if not word.endswith(".dist-info")]
        is_licence = any(word in file.name.upper() for word in ("LICENSE", "LICENCE", "COPYING"))
        if ".dist-info" in file.parts[0] and is_licence:
            name = "-".join(word for word in inside if word != "licenses")
            found.append((name, Path(str(file.locate()))))
    return found


def gather(folder: Path, project: Path) -> None:
    """Writes `folder`: README.txt that lists every part, and the text of each licence."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["Parts of the packaged program and their licences", ""]
    for name, licence in BUNDLED.items():
        part = distribution(name)
        lines.append(f"{part.metadata['Name']} {part.version}: {licence}")
        for text_name, path in _texts(part):
            target = folder / name
            target.mkdir(exist_ok=True)
            shutil.copyfile(path, target / text_name)
    python_text = Path(sysconfig.get_paths()["stdlib"]) / "LICENSE.txt"
    lines.append(f"Python {sysconfig.get_python_version()}: PSF-2.0")
    if python_text.is_file():
        shutil.copyfile(python_text, folder / "Python.txt")
    for name in ("LGPL-3", "GPL-3"):
        if (COMMON_LICENCES / name).is_file():
            shutil.copyfile(COMMON_LICENCES / name, folder / f"{name}.txt")
    lines.append("Inter (font): OFL-1.1, its text beside the font in resources/fonts")
    lines.append("Phosphor (icons): MIT, its text beside the icons in resources/icons")
    lines += ["", LGPL_NOTE]
    (folder / "README.txt").write_text("\n".join(lines), encoding="utf-8")
