"""The window's building blocks, one small file each."""

from emdesk.gui.widgets.buttons import Button, IconButton, RunButton, RunState
from emdesk.gui.widgets.card import Card, Stripe, StripeKind
from emdesk.gui.widgets.chip import Chip, StatePill
from emdesk.gui.widgets.combo_box import ComboBox
from emdesk.gui.widgets.data_table import DataTable
from emdesk.gui.widgets.dock_title import DockTitle
from emdesk.gui.widgets.empty_state import EmptyState
from emdesk.gui.widgets.flow_layout import FlowLayout
from emdesk.gui.widgets.histogram_thumb import HistogramThumb, paint_histogram
from emdesk.gui.widgets.icon_label import CovarianceMark, GroupMark, IconLabel
from emdesk.gui.widgets.message_dialog import CrashDialog, MessageDialog, QuestionDialog
from emdesk.gui.widgets.scroll_column import ScrollColumn
from emdesk.gui.widgets.search_box import SearchBox
from emdesk.gui.widgets.section import Hairline, Section, SectionHeader
from emdesk.gui.widgets.segmented import SegmentedControl
from emdesk.gui.widgets.summary_grid import SummaryGrid
from emdesk.gui.widgets.tab_strip import TabStrip
from emdesk.gui.widgets.table_model import TableColumn, TableModel
from emdesk.gui.widgets.text import Badge, ElidedText, LinkLabel, Text, restyle
from emdesk.gui.widgets.toast import Toast
from emdesk.gui.widgets.tooltip import tooltip_text
from emdesk.gui.widgets.verdict import Verdict, VerdictLine

__all__ = [
    "Badge",
    "Button",
    "Card",
    "Chip",
    "ComboBox",
    "CovarianceMark",
    "CrashDialog",
    "DataTable",
    "DockTitle",
    "ElidedText",
    "EmptyState",
    "FlowLayout",
    "GroupMark",
    "Hairline",
    "HistogramThumb",
    "IconButton",
    "IconLabel",
    "LinkLabel",
    "MessageDialog",
    "QuestionDialog",
    "RunButton",
    "RunState",
    "ScrollColumn",
    "SearchBox",
    "Section",
    "SectionHeader",
    "SegmentedControl",
    "StatePill",
    "Stripe",
    "StripeKind",
    "SummaryGrid",
    "TabStrip",
    "TableColumn",
    "TableModel",
    "Text",
    "Toast",
    "Verdict",
    "VerdictLine",
    "paint_histogram",
    "restyle",
    "tooltip_text",
]
