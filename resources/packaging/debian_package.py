"""Makes a Debian package of the one-folder program with dpkg-deb."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import time
from pathlib import Path

import shared_libraries

LINUX = Path(__file__).resolve().parent / "linux"
# Opened while running, so no library names them: the fonts' settings and the keyboard layouts.
RUN_TIME_DEPENDS = "fontconfig-config, xkb-data"
RECOMMENDS = (
    "desktop-file-utils, libwayland-client0, libwayland-cursor0, libwayland-egl1, shared-mime-info"
)
CONTROL = """\
Package: emdesk
Version: {version}
Architecture: {architecture}
Maintainer: EMDesk <emdesk@localhost>
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: {recommends}
Section: science
Priority: optional
Description: fit mixture and other latent-variable models by EM
 EMDesk opens a data file, fits a mixture or another model with hidden groups
 by the EM algorithm and shows the groups, the density and the convergence
 while it fits. Parameters and labels are exported as JSON and CSV; the same
 fits run from the command line.
"""
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: EMDesk
Comment: The package carries the libraries that the program runs on. Each keeps
 its own licence: /usr/share/doc/emdesk/licences lists them with their texts.

Files: *
Copyright: 2026 the authors of EMDesk
License: EMDesk
 Copyright 2026 the authors of EMDesk.

"""


def version_of(project: Path) -> str:
    """The version written in emdesk/__init__.py."""
    text = (project / "emdesk" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise SystemExit("emdesk/__init__.py names no version")
    return found[1]


def build(folder: Path, project: Path, stage: Path, dist: Path) -> Path:
    """Lays the package out under `stage` and writes dist/emdesk_VERSION_ARCHITECTURE.deb."""
    shutil.rmtree(stage, ignore_errors=True)
    version = version_of(project)
    (stage / "DEBIAN").mkdir(parents=True)  # dpkg-shlibdeps knows the package's root by it
    library = _program(folder, stage)
    depends = shared_libraries.debian_dependencies(library, stage.with_name("debian-scratch"))
    _desktop(project, stage, version)
    _documents(folder, stage, version)
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], check=True, capture_output=True, text=True
    ).stdout.strip()
    size = sum(path.lstat().st_size for path in stage.rglob("*") if not path.is_dir())
    (stage / "DEBIAN" / "control").write_text(
        CONTROL.format(
            version=version,
            architecture=architecture,
            kilobytes=size // 1024 + 1,
            depends=f"{depends}, {RUN_TIME_DEPENDS}",
            recommends=RECOMMENDS,
        ),
        encoding="utf-8",
    )
    _plain_rights(stage)
    target = dist / f"emdesk_{version}_{architecture}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "-z3", "--build", str(stage), str(target)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return target


def _program(folder: Path, stage: Path) -> Path:
    library = stage / "usr" / "lib" / "emdesk"
    shutil.copytree(folder, library, symlinks=True, ignore=shutil.ignore_patterns("licences"))
    for copy in shared_libraries.of_the_system(library):
        copy.unlink()
    link = stage / "usr" / "bin" / "emdesk"
    link.parent.mkdir(parents=True)
    link.symlink_to("../lib/emdesk/emdesk")
    return library


def _desktop(project: Path, stage: Path, version: str) -> None:
    share = stage / "usr" / "share"
    _copy(LINUX / "org.emdesk.EMDesk.desktop", share / "applications")
    _copy(LINUX / "emdesk-mime.xml", share / "mime" / "packages", name="emdesk.xml")
    _filled(LINUX / "org.emdesk.EMDesk.metainfo.xml", share / "metainfo", version)
    icons = project / "resources" / "icons"
    hicolor = share / "icons" / "hicolor"
    _copy(icons / "emdesk.svg", hicolor / "scalable" / "apps")
    for picture in sorted(icons.glob("emdesk-*.png")):
        side = picture.stem.removeprefix("emdesk-")
        _copy(picture, hicolor / f"{side}x{side}" / "apps", name="emdesk.png")


def _documents(folder: Path, stage: Path, version: str) -> None:
    documents = stage / "usr" / "share" / "doc" / "emdesk"
    documents.mkdir(parents=True)
    (documents / "copyright").write_text(COPYRIGHT, encoding="utf-8")
    shutil.copytree(folder / "licences", documents / "licences")
    now = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
    entry = (
        f"emdesk ({version}) stable; urgency=medium\n\n  * EMDesk {version}.\n\n"
        f" -- EMDesk <emdesk@localhost>  {now}\n"
    )
    (documents / "changelog.gz").write_bytes(gzip.compress(entry.encode(), mtime=0))
    manual = _filled(LINUX / "emdesk.1", stage / "usr" / "share" / "man" / "man1", version)
    manual.with_name("emdesk.1.gz").write_bytes(gzip.compress(manual.read_bytes(), mtime=0))
    manual.unlink()


def _filled(source: Path, folder: Path, version: str) -> Path:
    """Copies a text with the version and the day of the build written in."""
    folder.mkdir(parents=True, exist_ok=True)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    text = source.read_text(encoding="utf-8")
    target = folder / source.name
    target.write_text(text.replace("@VERSION@", version).replace("@DATE@", today), encoding="utf-8")
    return target


def _copy(source: Path, folder: Path, name: str = "") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, folder / (name or source.name))


def _plain_rights(stage: Path) -> None:
    """Readable by everybody, writable by the owner; only programs and folders can be entered."""
    for path in [stage, *stage.rglob("*")]:
        if path.is_symlink():
            continue
        is_program = path.is_dir() or path.name == "emdesk"
        path.chmod(0o755 if is_program else 0o644)
