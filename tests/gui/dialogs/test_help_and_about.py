"""The help pages and the about dialog."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from emdesk import __version__
from emdesk.app.catalogue import catalogue
from emdesk.em.fit_settings import FitSettings
from emdesk.gui.dialogs.about_dialog import AboutDialog
from emdesk.gui.dialogs.help_pages import docstring_markup, help_pages
from emdesk.gui.dialogs.help_window import HelpWindow
from emdesk.model.fields import fields_of


@pytest.fixture
def window(qtbot: QtBot) -> HelpWindow:
    made = HelpWindow(catalogue())
    qtbot.addWidget(made)
    made.show()
    return made


def test_every_law_and_family_has_a_page() -> None:
    ids = {page.id for page in help_pages(catalogue())}
    assert {f"law-{law.id}" for law in catalogue().laws} <= ids
    assert {f"family-{family.id}" for family in catalogue().families} <= ids


def test_a_page_explains_every_setting_of_its_law() -> None:
    pages = {page.id: page for page in help_pages(catalogue())}
    for law in catalogue().laws:
        for bound in fields_of(law.Settings):
            assert bound.label in pages[f"law-{law.id}"].markup
    for bound in fields_of(FitSettings):
        assert bound.label in pages["fit"].markup


def test_a_docstring_becomes_headings_paragraphs_and_aligned_lines() -> None:
    markup = docstring_markup(
        "Law: a < b\ngoes on.\n\nWhen not\n    Counts.\n\n    EII   round     VII   large\n\n"
        "Sources\n    One (1977),\n    J. 1.\n    Two (1990)."
    )
    assert "<p>Law: a &lt; b goes on.</p>" in markup
    assert "heading'>When not</p><p>Counts.</p>" in markup
    assert "<pre>EII   round     VII   large</pre>" in markup
    assert "<p>One (1977), J. 1.</p><p>Two (1990).</p>" in markup


def test_the_contents_are_read_by_the_keyboard(qtbot: QtBot, window: HelpWindow) -> None:
    assert window.shown == "first-steps"
    QTest.keyClick(window.contents, Qt.Key.Key_Down)
    assert window.shown == "numbers"
    assert "BIC" in window.page.toPlainText()


def test_f1_can_ask_for_a_page(window: HelpWindow) -> None:
    window.show_page("law-gaussian")
    assert window.shown == "law-gaussian"
    assert "VVV" in window.page.toPlainText()


def test_the_keys_page_lists_the_keys_of_the_actions(window: HelpWindow) -> None:
    window.show_page("keys")
    assert re.search(r"Ctrl\+O", window.page.toPlainText())


def test_the_help_closes_with_escape(qtbot: QtBot, window: HelpWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_about_names_version_and_licences_and_copies_them(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert __version__ in copied
    assert re.search(r"PySide6 6\.\S+ LGPL-3\.0", copied)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
