"""What an interrupter answers: what became of a confirmed interrupt, or what it would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ncpconsole.core.journal.records import Intent
    from ncpconsole.ncp.models import RequestPreview, SendResult


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a confirmed interrupt.

    ``refused`` holds the reasons when this console declined; nothing was claimed or sent then. ``intent`` is
    its record, None when there is none. ``unrecorded`` says why the outcome is not in the journal, or is
    empty.
    """

    result: SendResult
    intent: Intent | None = None
    refused: tuple[str, ...] = ()
    unrecorded: str = ""


@dataclass(frozen=True, slots=True)
class DryRun:
    """The request that a confirmed plan would send; ``objections`` say why it would not.

    ``request`` is None when no request can be made for this server, which is an objection too.
    """

    request: RequestPreview | None
    objections: tuple[str, ...]
