"""Makes the packaged program in dist/: a one-folder program and, on Linux, a Debian package of it.

    python resources/packaging/build.py [--no-deb] [--output DIR]

Needs what `pip install -e .[test]` installs; on Linux also binutils, and dpkg-dev for the package.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import debian_package
import notices
import shared_libraries

PROJECT = Path(__file__).resolve().parents[2]


def one_folder_program(output: Path, work: Path) -> Path:
    """Builds `output`/emdesk with PyInstaller and returns the folder."""
    subprocess.run(
        [
            sys.executable,
            *("-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "WARN"),
            *("--distpath", str(output), "--workpath", str(work)),
            str(PROJECT / "resources" / "packaging" / "emdesk.spec"),
        ],
        check=True,
        cwd=PROJECT,
        env=os.environ | {"PYTHONHASHSEED": "0"},
    )
    folder = output / "emdesk"
    if sys.platform == "linux":
        shared_libraries.prune(folder)
        without_symbols(folder)
    notices.gather(folder / "licences", PROJECT)
    return folder


def without_symbols(folder: Path) -> None:
    """Strips Python's own library, which some builds ship with 17 MB of symbols; never NumPy's."""
    for library in (folder / "_internal").glob("libpython3*.so*"):
        subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)


def check(folder: Path) -> None:
    """Asks the new program for its families: a build that cannot answer is not packaged."""
    subprocess.run(
        [str(folder / "emdesk"), "families", "--json"], check=True, stdout=subprocess.DEVNULL
    )


def main() -> int:
    """Builds everything and prints where it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--no-deb", action="store_true", help="make only the one-folder program")
    parser.add_argument("--output", type=Path, default=PROJECT / "dist", help="where it goes")
    parser.add_argument("--work", type=Path, default=PROJECT / "build", help="a folder to work in")
    options = parser.parse_args()
    output, work = options.output.resolve(), options.work.resolve()
    folder = one_folder_program(output, work)
    check(folder)
    print(folder)
    if sys.platform == "linux" and not options.no_deb:
        print(debian_package.build(folder, PROJECT, work / "debian", output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
