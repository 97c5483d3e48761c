"""Texts of this room: templates by key."""

from __future__ import annotations

TEMPLATES: dict[str, str] = {}
