"""Between the journal's plain JSON values and the records the rest of the console works with."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ncpconsole.core.journal.records import (
    Draft,
    Intent,
    Observation,
    Origin,
    Resolution,
    ResolvedAs,
    State,
)
from ncpconsole.core.safe_text import safe_block, safe_text
from ncpconsole.ncp.models import Outcome, SendResult

if TYPE_CHECKING:
    from ncpconsole.core.journal.chain import Document


def intent_from(document: Document) -> Intent:
    """The record of one intent."""
    return Intent(
        id=document["id"],
        time=datetime.fromisoformat(document["time"]),
        draft=Draft(**document["draft"]),
        origin=Origin(**document["origin"]),
        state=State(document["state"]),
        outcome=Outcome(document["outcome"]) if document["outcome"] else None,
        message=document["message"],
        http_status=document["http_status"],
        return_code=document["return_code"],
        return_message=document["return_message"],
        request_id=document["request_id"],
        trace_id=document["trace_id"],
        finished=datetime.fromisoformat(document["finished"]) if document["finished"] else None,
        resolution=_resolution(document["resolution"]),
        observations=tuple(_observation(seen) for seen in document["observations"]),
    )


def claim_body(draft: Draft, origin: Origin, owner: str) -> dict[str, Any]:
    """What a claim records; texts stay as they came."""
    return {"draft": asdict(draft), "origin": asdict(origin), "owner": owner}


def result_body(result: SendResult) -> dict[str, Any]:
    """What an outcome records; texts that came over the network are made safe before they are kept."""
    return {
        "outcome": result.outcome.value,
        "message": safe_block(result.message),
        "method": result.method,
        "path": result.path,
        "http_status": result.http_status,
        "return_code": safe_text(result.return_code),
        "return_message": safe_block(result.return_message),
        "request_id": safe_text(result.request_id),
        "trace_id": safe_text(result.trace_id),
    }


def observations_body(observations: tuple[Observation, ...]) -> dict[str, Any]:
    """What was seen after an interrupt, each with its own time."""
    seen = [
        {
            "time": stamp(one.time),
            "field": one.field,
            "before": safe_text(one.before),
            "after": safe_text(one.after),
        }
        for one in observations
    ]
    return {"observations": seen}


def stamp(time: datetime) -> str:
    """A time as UTC text with microseconds."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def column(text: str) -> str:
    """A text as a database column can hold it: a lone surrogate (from a terminal or argv) is written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def guard_key(gateway: str) -> str:
    """One spelling per gateway, for the guard: scheme and host in lower case, no default port, no path."""
    parts = urlsplit(gateway)
    host, scheme = (parts.hostname or "").rstrip("."), parts.scheme.lower()
    default_port = {"https": 443, "http": 80}.get(scheme)
    port = "" if parts.port in (None, default_port) else f":{parts.port}"
    return column(f"{scheme}://{host}{port}" if host else gateway)


def _resolution(value: Any) -> Resolution | None:
    if value is None:
        return None
    time = datetime.fromisoformat(value["time"])
    return Resolution(ResolvedAs(value["resolved_as"]), value["note"], time, value["user"])


def _observation(value: Any) -> Observation:
    return Observation(datetime.fromisoformat(value["time"]), value["field"], value["before"], value["after"])
