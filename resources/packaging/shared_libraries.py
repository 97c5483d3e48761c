"""Leaves only those shared libraries in the one-folder program that something in it loads.

PyInstaller follows every plugin of Qt, also those that the specification leaves out afterwards, so
their libraries (GTK, Qt's network and SQL) stay behind. And a Debian package takes from Debian what
Debian has: a copy of the C++ or X11 library beside the machine's own drivers is asking for trouble.
"""

from __future__ import annotations

import filecmp
import subprocess
import sys
from pathlib import Path

CONTROL_STUB = "Source: emdesk\n\nPackage: emdesk\nArchitecture: any\n"


def is_elf(path: Path) -> bool:
    """Whether this is a program or a shared library."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


def needed_by(path: Path) -> set[str]:
    """The names of the libraries that one program or library asks for."""
    listing = subprocess.run(
        ["objdump", "-p", str(path)], check=True, capture_output=True, text=True
    ).stdout
    words = (line.split() for line in listing.splitlines())
    return {word[1] for word in words if len(word) == 2 and word[0] == "NEEDED"}


def prune(folder: Path) -> list[str]:
    """Removes the libraries that nothing left in `folder` needs; returns their names."""
    inside = folder / "_internal"
    homes = {inside, inside / "PySide6" / "Qt" / "lib"}
    needs = {path: needed_by(path) for path in folder.rglob("*") if is_elf(path)}
    may_go = {
        path
        for path in needs
        if path.parent in homes and ".so" in path.name and not path.name.startswith("libpython")
    }
    wanted: set[str] = set()
    waiting = [path for path in needs if path not in may_go]
    while waiting:
        wanted |= needs[waiting.pop()]
        found = {path for path in may_go if path.name in wanted}
        may_go -= found
        waiting += found
    for path in may_go:
        path.unlink()
    for home in homes:
        for link in home.iterdir():
            if link.is_symlink() and not link.exists():
                link.unlink()
    return sorted(path.name for path in may_go)


def of_the_system(folder: Path) -> list[Path]:
    """The libraries in `folder` that are copies of files of an installed Debian package."""
    known = _system_libraries()
    return [
        path
        for path in sorted((folder / "_internal").glob("lib*.so*"))
        if is_elf(path)
        and path.name in known
        and filecmp.cmp(path, known[path.name], shallow=False)
        and _is_packaged(known[path.name])
    ]


def _system_libraries() -> dict[str, Path]:
    """Name to path of what the dynamic linker finds by itself."""
    listing = subprocess.run(
        ["/sbin/ldconfig", "-p"], check=True, capture_output=True, text=True
    ).stdout
    found: dict[str, Path] = {}
    for line in listing.splitlines()[1:]:
        name, arrow, path = line.strip().partition(" => ")
        if arrow:
            found.setdefault(name.split(" ")[0], Path(path))
    return found


def _is_packaged(path: Path) -> bool:
    real = path.resolve()
    without_usr = Path("/", *real.parts[2:]) if real.parts[1] == "usr" else real
    return any(
        subprocess.run(["dpkg-query", "--search", str(name)], capture_output=True).returncode == 0
        for name in (real, without_usr)
    )


def debian_dependencies(folder: Path, scratch: Path) -> str:
    """The packages and least versions that the programs in `folder` need, by dpkg-shlibdeps.

    `scratch` is a folder for the control file that the tool insists on. Qt's Wayland parts are
    left out: the program runs without them, so the package only recommends what they need.
    """
    (scratch / "debian").mkdir(parents=True, exist_ok=True)
    (scratch / "debian" / "control").write_text(
        "Source: emdesk\n\nPackage: emdesk\nArchitecture: any\n"
    )
    binaries = [path for path in sorted(folder.rglob("*")) if is_elf(path)]
    required = [
        path
        for path in binaries
        if not any(name.startswith("libwayland-") for name in needed_by(path))
    ]
    own = sorted({path.parent for path in binaries})
    answer = subprocess.run(
        [
            "dpkg-shlibdeps",
            *("-O", "--ignore-missing-info", "--warnings=0"),
            *(f"-l{home}" for home in own),
            *(str(path) for path in required),
        ],
        capture_output=True,
        text=True,
        cwd=scratch,
    )
    if answer.returncode != 0:
        complaints = [line for line in answer.stderr.splitlines() if "error" in line]
        print(*complaints, sep="\n", file=sys.stderr)
        raise SystemExit("dpkg-shlibdeps could not name the packages that the program needs")
    line = next(text for text in answer.stdout.splitlines() if text.startswith("shlibs:Depends="))
    return line.removeprefix("shlibs:Depends=")
