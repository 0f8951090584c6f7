"""Makes words and lines from values, without widgets. This module: how lines are laid out."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from ncpconsole.core.safe_text import padded, safe_text
from ncpconsole.language import tr

LABEL = 13
"""Cells of a label, with the gap behind it."""


def heading(text: str) -> Content:
    return Content.styled(text, "bold $text-primary")


def section(title: str, facts: Sequence[tuple[str, str]], width: int) -> list[Content]:
    """A title and its labelled lines; what is empty is left out."""
    lines = [line for label, value in facts if value for line in hanging(label, Content(value), width)]
    return [heading(tr(title)), *lines] if lines else []


def hanging(label: str, value: Content, width: int) -> list[Content]:
    """A labelled value whose further lines stand under its first; the label is a message for `tr`."""
    indent = LABEL if label else 0
    wrapped = value.wrap(max(16, width - indent)) or [Content("")]
    first, *rest = wrapped
    lines = [Content.assemble((padded(tr(label), indent), "$foreground-muted"), first)]
    return [*lines, *(Content.assemble(" " * indent, line) for line in rest)]


def item(mark: str, style: str, text: str, width: int) -> list[Content]:
    """One point of a list, wrapped under itself."""
    first, *rest = Content(safe_text(text, 600)).wrap(max(16, width - 2)) or [Content("")]
    return [Content.assemble((f"{mark} ", style), first), *(Content.assemble("  ", line) for line in rest)]
