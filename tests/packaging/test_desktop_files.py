"""The files by which a Linux desktop knows the program agree and follow their rules."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "resources" / "packaging"
LINUX = PACKAGING / "linux"
DESKTOP = LINUX / "org.emdesk.EMDesk.desktop"
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"


def entry() -> configparser.SectionProxy:
    """The one section of the desktop entry."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DESKTOP, encoding="utf-8")
    return parser["Desktop Entry"]


def test_the_desktop_entry_opens_projects_and_tables() -> None:
    types = entry()["MimeType"].split(";")
    assert {"application/x-emdesk-project", "text/csv"} <= set(types)
    assert entry()["Exec"] == "emdesk %f"


def test_the_project_type_belongs_to_files_called_emdesk() -> None:
    (kind,) = ElementTree.parse(LINUX / "emdesk-mime.xml").getroot().findall(f"{MIME}mime-type")
    glob = kind.find(f"{MIME}glob")
    assert kind.get("type") == "application/x-emdesk-project"
    assert glob is not None
    assert glob.get("pattern") == "*.emdesk"


def test_the_metainfo_names_the_desktop_entry() -> None:
    metainfo = ElementTree.parse(LINUX / "org.emdesk.EMDesk.metainfo.xml").getroot()
    assert metainfo.findtext("launchable") == DESKTOP.name
    assert metainfo.findtext("id") == DESKTOP.stem == entry()["StartupWMClass"]


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="the tool is not installed")
def test_the_desktop_entry_follows_the_rules() -> None:
    checked = subprocess.run(
        ["desktop-file-validate", str(DESKTOP)], capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.skipif(not shutil.which("appstreamcli"), reason="the tool is not installed")
def test_the_metainfo_follows_the_rules(tmp_path: Path) -> None:
    text = (LINUX / "org.emdesk.EMDesk.metainfo.xml").read_text(encoding="utf-8")
    filled = tmp_path / "org.emdesk.EMDesk.metainfo.xml"
    filled.write_text(text.replace("@VERSION@", "1.0").replace("@DATE@", "2026-01-01"))
    checked = subprocess.run(
        ["appstreamcli", "validate", "--no-net", str(filled)], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout


def test_the_script_for_system_packages_is_plain_shell() -> None:
    subprocess.run(["sh", "-n", str(PACKAGING / "debian-packages")], check=True)
