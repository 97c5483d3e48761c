"""The one style sheet of the application, made from the tokens.

Sizes written as `@13` are pixels of text at 100 % and grow with the text scale; others do not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from string import Template

from emdesk.gui.tokens import Tokens

_FRAME = """
QWidget { color: $text; font-family: Inter; font-size: @13; }
QMainWindow, QDialog, CentralView { background: $bg; }
QDialog { background: $surface; }
QMainWindow::separator { background: $border; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QMenuBar { background: $surface; border-bottom: 1px solid $border; padding: 0 8px; }
QMenuBar::item { background: transparent; color: $text2; padding: 7px 12px; border-radius: 6px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $hover; color: $text; }
QMenu { background: $surface; border: 1px solid $border; padding: 5px; }
QMenu::item { padding: 5px 20px 5px 10px; border-radius: 4px; color: $text; }
QMenu::item:selected { background: $soft; }
QMenu::item:disabled { color: $control; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $border; margin: 5px 8px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 6px; }
QMenu::indicator:checked { image: url($check_text); }
QMenu::right-arrow { image: url($right); width: 12px; height: 12px; margin-right: 6px; }
QStatusBar { background: $surface; border-top: 1px solid $border; color: $text2; }
QStatusBar::item { border: none; }
QToolBar { background: $surface; border: none; border-bottom: 1px solid $border; spacing: 4px;
    padding: 0; }
QToolBar::separator { background: $border; width: 1px; margin: 14px 8px; }
QDockWidget { titlebar-close-icon: none; border: none; }
QDockWidget > QWidget { background: $surface; }
QToolTip { background: $surface; color: $text2; border: 1px solid $border; padding: 2px;
    font-size: @12; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: $soft; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $hist; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover { background: $control; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: $sunken; border: none; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
QRubberBand { background: $soft; border: 1px solid $accent; }
"""

_TEXT = """
QLabel { background: transparent; }
QLabel[role="secondary"] { color: $text2; }
QLabel[role="hint"] { color: $text3; font-size: @12; }
QLabel[role="small"] { color: $text2; font-size: @12; }
QLabel[role="number"] { color: $text; font-size: @12; font-weight: 500; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="verdict"] { font-size: @12; font-weight: 600; }
QLabel[role="title"] { font-size: @13; font-weight: 600; }
QLabel[role="section"] { color: $text2; font-size: @12; font-weight: 600; }
QLabel[role="dock"] { font-size: @14; font-weight: 600; }
QLabel[role="message"] { font-size: @15; font-weight: 600; }
QLabel[role="dialog"] { font-size: @20; font-weight: 600; }
QLabel[role="page"] { font-size: @23; font-weight: 600; }
QLabel[role="problem"] { color: $bad; font-size: @12; }
QLabel[role="warning"] { color: $warn; font-size: @12; font-weight: 500; }
QLabel[role="note"] { color: $text; font-size: @12; }
QLabel[role="axis"] { color: $text2; font-size: @11; }
LinkLabel { background: transparent; border: 2px solid transparent; border-radius: 4px; padding: 0;
    min-height: 0; color: $accent; font-size: @12; font-weight: 600; text-align: left; }
LinkLabel:hover, LinkLabel:pressed { background: transparent; text-decoration: underline; }
LinkLabel:focus { border: 2px solid $accent; padding: 0; min-height: 0; }
LinkLabel:disabled { color: $control; }
LinkLabel[tint="warn"] { color: $warn; }
LinkLabel[tint="ok"] { color: $ok; }
LinkLabel[tint="info"] { color: $info; }
"""

_BUTTONS = """
QPushButton { background: $surface; color: $text; border: 1px solid $control; border-radius: 6px;
    padding: 0 12px; min-height: 28px; font-weight: 500; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $sunken; }
QPushButton:focus { border: 2px solid $accent; padding: 0 11px; min-height: 26px; }
QPushButton:disabled { color: $control; border-color: $border; background: $surface; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent;
    font-weight: 600; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:focus { border: 2px solid $accent; }
QPushButton[kind="primary"]:disabled { background: $sunken; color: $control;
    border-color: $sunken; }
QPushButton[kind="quiet"] { background: transparent; border: 1px solid transparent; color: $text2; }
QPushButton[kind="quiet"]:hover { background: $hover; color: $text; }
QPushButton[kind="quiet"]:focus { border: 2px solid $accent; }
QPushButton[kind="quiet"]:disabled { color: $control; }
QPushButton::menu-indicator { image: none; width: 0; }
QToolButton { background: transparent; border: 2px solid transparent; border-radius: 6px;
    color: $text; font-weight: 500; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $sunken; }
QToolButton:checked { border-color: $border; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $control; }
QToolButton::menu-indicator { image: none; width: 0; }
QToolButton[kind="choice"] { padding: 2px 18px 2px 4px; font-weight: 600; }
QToolButton[kind="choice"]::menu-indicator { image: url($down); width: 10px; height: 10px;
    subcontrol-position: right center; subcontrol-origin: padding; left: -4px; }
SegmentedControl { background: $sunken; border-radius: 6px; }
Segment { background: transparent; border: 1px solid transparent; border-radius: 6px;
    color: $text2; padding: 0 6px; font-size: @12; font-weight: 500; min-height: 24px; }
Segment:hover { color: $text; background: $hover; }
Segment:checked { background: $segment; border: 1px solid $control; color: $text;
    font-weight: 600; }
Segment:focus { border: 2px solid $accent; padding: 0 5px; min-height: 22px; }
Segment:disabled { color: $control; }
"""

_FIELDS = """
QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit { background: $surface;
    color: $text; border: 1px solid $control; border-radius: 6px; padding: 0 9px;
    selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit, QAbstractSpinBox, QComboBox { min-height: 26px; }
QLineEdit { placeholder-text-color: $text3; }
QPlainTextEdit, QTextEdit { padding: 6px 9px; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QComboBox:on, QPlainTextEdit:focus,
QTextEdit:focus { border: 2px solid $accent; padding: 0 8px; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QComboBox:on { min-height: 24px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: 5px 8px; }
QLineEdit[wrong="true"], QAbstractSpinBox[wrong="true"], QComboBox[wrong="true"] {
    border: 2px solid $bad; padding: 0 8px; min-height: 24px; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $control;
    border-color: $border; }
QAbstractSpinBox { padding-right: 20px; }
QAbstractSpinBox:focus, QAbstractSpinBox[wrong="true"] { padding-right: 19px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: padding;
    background: transparent; border: none; width: 20px; }
QAbstractSpinBox::up-button { subcontrol-position: top right; border-top-right-radius: 5px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right;
    border-bottom-right-radius: 5px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-arrow { image: url($up); width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: url($down); width: 9px; height: 9px; }
QAbstractSpinBox::up-arrow:off, QAbstractSpinBox::up-arrow:disabled { image: url($up_off); }
QAbstractSpinBox::down-arrow:off, QAbstractSpinBox::down-arrow:disabled { image: url($down_off); }
QComboBox::drop-down { border: none; width: 22px; subcontrol-origin: padding;
    subcontrol-position: center right; }
QComboBox::down-arrow { image: url($down); width: 12px; height: 12px; }
QComboBox::down-arrow:disabled { image: url($down_off); }
QComboBox QAbstractItemView { background: $surface; border: 1px solid $border; outline: none;
    padding: 4px; selection-background-color: $soft; selection-color: $text; }
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 6px; border-radius: 4px; }
QCheckBox, QRadioButton { spacing: 8px; background: transparent; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $control; border-radius: 4px;
    background: $surface; }
QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid $control;
    border-radius: 8px; background: $surface; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($check); }
QRadioButton::indicator:checked { background: $accent; border-color: $accent; image: url($dot); }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $accent; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border: 2px solid $accent;
    width: 12px; height: 12px; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $border; }
QSlider::groove:horizontal { background: $sunken; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { background: $surface; border: 2px solid $accent; width: 10px;
    margin: -5px 0; border-radius: 7px; }
SearchBox { background: $sunken; border: 1px solid transparent; border-radius: 6px;
    font-size: @12; min-height: 24px; padding: 0 8px; }
SearchBox:focus { background: $surface; border: 2px solid $accent; min-height: 22px;
    padding: 0 7px; }
"""

_TABLES = """
QTableView, QTreeView, QListView { background: $surface; border: none; outline: none;
    font-size: @12; gridline-color: $grid; selection-background-color: $soft;
    selection-color: $text; }
QListView::item { padding: 4px 8px; border-radius: 6px; }
QListView::item:selected { background: $soft; color: $text; }
QListView::item:hover:!selected { background: $hover; }
QTreeView::branch { background: transparent; }
QTableCornerButton::section { background: $surface; border: none;
    border-bottom: 1px solid $border; }
QHeaderView { background: $surface; border: none; }
QHeaderView::section { background: $surface; color: $text2; border: none;
    border-bottom: 1px solid $border; padding: 4px 9px; font-size: @12; font-weight: 500; }
QHeaderView::section:hover { color: $text; }
QHeaderView::section:vertical { border-bottom: 1px solid $grid; }
QHeaderView::up-arrow, QHeaderView::down-arrow { image: none; width: 0; height: 0; }
QTabWidget::pane { border: none; }
QTabBar { background: transparent; border: none; }
QTabBar::tab { background: transparent; color: $text2; border: none; padding: 0 3px; margin: 0 7px;
    border-bottom: 2px solid transparent; font-weight: 500; min-height: 30px; }
QTabBar::tab:first { margin-left: 0; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; font-weight: 600; border-bottom: 2px solid $accent; }
QTabBar::tab:disabled { color: $control; }
QTabBar[kind="view"]::tab { font-size: @14; min-height: 48px; }
QTabBar::close-button { image: url($close); }
"""

_PIECES = """
Card, TimelineCard, ResultsCard, VerdictBanner { background: $surface; border: 1px solid $border;
    border-radius: 8px; }
DataPanel, ModelPanel { background: $surface; }
StartsPanel { background: $surface; border: none; border-left: 1px solid $border; }
Overlay { background: $surface; border: none; border-right: 1px solid $border; }
SearchButton { background: $sunken; border: 1px solid transparent; border-radius: 6px; color: $text2;
    font-size: @12; font-weight: 400; min-height: 22px; max-height: 22px; padding: 0 10px;
    text-align: left; }
SearchButton:hover { background: $hover; }
Legend QToolButton { font-size: @12; font-weight: 400; padding: 1px 1px; }
Button[live="true"]:disabled { background: $soft; color: $accent; border-color: $soft; }
DockTitle { background: $surface; }
Stripe { border: none; border-radius: 4px; background: $soft; }
Stripe QLabel, Stripe LinkLabel { color: $accent; }
Stripe QLabel[role="body"] { color: $text; font-size: @12; }
Stripe QLabel[role="strong"] { font-size: @12; font-weight: 600; }
Stripe[tint="warn"] { background: $warn_tint; }
Stripe[tint="warn"] QLabel, Stripe[tint="warn"] LinkLabel { color: $warn; }
Stripe[tint="bad"] { background: $bad_tint; }
Stripe[tint="bad"] QLabel[role="strong"] { color: $bad; }
Stripe[tint="info"] { background: $info_tint; }
Stripe[tint="info"] QLabel, Stripe[tint="info"] LinkLabel { color: $info; }
Stripe[tint="bad"] QLabel[role="body"], Stripe[tint="warn"] QLabel[role="body"],
Stripe[tint="info"] QLabel[role="body"] { color: $text; }
SectionHeader { background: transparent; border: 2px solid transparent; border-radius: 4px;
    text-align: left; }
SectionHeader:hover, SectionHeader:pressed { background: transparent; }
SectionHeader:focus { border: 2px solid $accent; }
Toast { background: $text; border-radius: 6px; }
Toast QLabel[role="small"] { color: $surface; font-size: @12; font-weight: 500; }
ReportText { background: $sunken; border: none; border-radius: 4px; color: $text2; font-size: @11;
    padding: 8px 12px; }
ReportText:focus { padding: 6px 10px; }
Hairline { background: $border; border: none; max-height: 1px; min-height: 1px; }
"""


def style_sheet(tokens: Tokens, marks: Mapping[str, str], text_scale: float = 1.0) -> str:
    """Every rule in these colours; `marks` gives the files of the small pictures by key."""
    words = {k: v for k, v in asdict(tokens).items() if isinstance(v, str)}
    words["segment"] = tokens.hist if tokens.dark else tokens.surface
    rules = Template(_FRAME + _BUTTONS + _TEXT + _FIELDS + _TABLES + _PIECES)
    sheet = rules.substitute(words, **marks)
    return re.sub(r"@(\d+)", lambda size: f"{round(int(size[1]) * text_scale)}px", sheet)
