"""Tooltips that teach: name, meaning, what it means now, where the help is."""

from __future__ import annotations

from html import escape

from emdesk.gui.theme import theme
from emdesk.texts import say

WIDTH = 300


def tooltip_text(name: str, meaning: str, consequence: str = "", *, help_key: bool = True) -> str:
    """A tooltip as markup; every part is escaped. Qt shows it after the delay of its style."""
    tokens = theme().tokens
    foot = ""
    if consequence or help_key:
        key = escape(say("tooltip.help")) if help_key else ""
        foot = (
            f"<tr><td width='{WIDTH - 28}' style='padding-top:4px'>{escape(consequence)}</td>"
            f"<td align='right' style='padding-top:4px'><b>{key}</b></td></tr>"
        )
    return (
        f"<table width='{WIDTH}' cellspacing='0' cellpadding='0' style='color:{tokens.text2}'>"
        f"<tr><td colspan='2' style='color:{tokens.text}; font-weight:600; padding-bottom:3px'>"
        f"{escape(name)}</td></tr>"
        f"<tr><td colspan='2'>{escape(meaning)}</td></tr>{foot}</table>"
    )
