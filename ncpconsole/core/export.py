"""Exports the record of interrupts as JSON and Markdown; text from outside is escaped in both."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from ncpconsole.core.cautions import codes
from ncpconsole.core.handover import notes_of_intent, subject_words
from ncpconsole.core.inventory import Row
from ncpconsole.core.records import Intent, Note, Observation, Origin, Resolution
from ncpconsole.core.safe_text import safe_text
from ncpconsole.core.watch import changes
from ncpconsole.core.wording import RESOLVED_WORDS, acting_words, in_both_zones, outcome_word, signs_words, who
from ncpconsole.language import shown, tr, tr_n

TEXT_LIMIT = 2000


def history_fields(intent: Intent, notes: Iterable[Note] = ()) -> dict[str, Any]:
    """One interrupt as the JSON object of ``history --json``. Times are ISO 8601 in UTC, names the real ones.

    ``outcome`` is null while the interrupt is under way, ``resolution`` unless an operator resolved it. ``notes`` are
    all there are: those that belong to it are taken. ``signs`` are the guest's vital signs when it was confirmed (see
    `core.vitals.Vitals.as_json`), null in records of older consoles.
    """
    return {
        "id": intent.id,
        "time": _iso(intent.time),
        "serverInstanceNo": intent.draft.server_no,
        "serverName": intent.draft.server_name,
        "regionCode": intent.draft.region_code,
        "profile": intent.draft.profile,
        "user": intent.origin.user,
        "host": intent.origin.host,
        "source": intent.source,
        "actingAs": intent.draft.acting_as.as_json() if intent.draft.acting_as else None,
        "outcome": intent.outcome.value if intent.outcome else None,
        "resolution": _resolution_fields(intent.resolution),
        "message": intent.message,
        "requestId": intent.request_id,
        "requestIds": list(intent.request_ids or filter(None, (intent.request_id,))),
        "reason": intent.draft.reason,
        "incident": intent.draft.incident,
        "observations": [observation_fields(one) for one in intent.observations],
        "notes": [note_fields(one) for one in notes_of_intent(notes, intent)],
        "signs": intent.draft.signs,
    }


def note_fields(note: Note) -> dict[str, str]:
    """One note as a JSON object; what it is not about is empty."""
    about = note.about
    return {
        "time": _iso(note.time),
        "note": note.text,
        "user": note.origin.user,
        "host": note.origin.host,
        "serverInstanceNo": about.server_no,
        "serverName": about.server_name,
        "record": about.record,
        "incident": about.incident,
    }


def record_fields(intent: Intent, notes: Iterable[Note] = ()) -> dict[str, Any]:
    """Everything the journal knows of one interrupt, as one JSON object.

    ``uid``, ``loginUid``, ``sudoUser`` and ``sshClient`` are facts of the operating system, ``variables`` what the
    environment said. ``resolvedOn`` is what was seen when an unknown outcome was resolved.
    """
    found = intent.resolution
    return {
        **history_fields(intent, notes),
        "state": intent.state.value,
        "sent": _iso(intent.sent) if intent.sent else None,
        "finished": _iso(intent.finished) if intent.finished else None,
        **_origin_fields(intent.origin),
        "resolvedBy": _origin_fields(found.origin) if found and found.origin else None,
        "resolvedOn": found.seen if found else None,
        "gateway": intent.draft.gateway,
        "keyFingerprint": intent.draft.key_fingerprint,
        "ruleSet": intent.draft.rule_set,
        "typed": intent.draft.typed,
        "withoutTeam": intent.draft.without_team,
        "method": intent.draft.method,
        "path": intent.draft.path,
        "httpStatus": intent.http_status,
        "returnCode": intent.return_code,
        "returnMessage": intent.return_message,
        "traceId": intent.trace_id,
        "snapshot": intent.draft.snapshot,
    }


def as_json_lines(intents: Iterable[Intent], notes: Sequence[Note] = ()) -> str:
    """Everything known of each interrupt, one JSON object a line, in ASCII: nothing can act on a terminal."""
    return "".join(json.dumps(record_fields(intent, notes), ensure_ascii=True) + "\n" for intent in intents)


def as_markdown(intents: Sequence[Intent], notes: Sequence[Note] = ()) -> str:
    """A timeline for an incident ticket: what was done, seen and noted, by whom and when, oldest first.

    Times are local, with those of UTC beside them.

    Every text from outside is made safe for a terminal and escaped, so that Markdown, HTML and a spreadsheet
    show it as it is and act on none of it.
    """
    incidents = {intent.draft.incident for intent in intents}
    incident = incidents.pop() if len(incidents) == 1 else ""
    title = tr("Interrupts during {incident}", incident=escaped(incident)) if incident else tr("Interrupts")
    lines = [f"# {title}", "", _summary(intents), ""]
    steps = [*(step for intent in intents for step in _steps(intent)), *map(_noted, notes)]
    if steps:
        lines += [tr("| time | server | what happened |"), "| --- | --- | --- |"]
        steps.sort(key=lambda step: step[0])
        lines += [f"| {in_both_zones(time)} | {server} | {what} |" for time, server, what in steps]
    if intents:
        lines += ["", "## " + tr("Records"), ""]
        for intent in sorted(intents, key=lambda one: one.time):
            lines += [*_facts(intent), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


MARKS = re.compile(r"([\\`*_\[\]|~#])")
FORMULA = re.compile(r"\s*[=+\-@\t]")


def escaped(text: str) -> str:
    """Text from outside, for a Markdown line: no markup, HTML, link, formula or control character."""
    safe = safe_text(text, TEXT_LIMIT)
    # A spreadsheet that gets the cell pasted takes these for the beginning of a formula.
    safe = f"'{safe}" if FORMULA.match(safe) else safe
    safe = safe.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = MARKS.sub(r"\\\1", safe)
    # Many renderers make links of bare addresses and notify people whose name follows an @.
    return safe.replace("://", "&#58;//").replace("www.", "www&#46;").replace("@", "&#64;")


def _summary(intents: Sequence[Intent]) -> str:
    if not intents:
        return tr("No interrupt is recorded.")
    servers = len({(intent.draft.gateway, intent.draft.server_no) for intent in intents})
    open_ends = sum(intent.is_unresolved for intent in intents)
    number = len(intents)
    if number == 1:
        total = tr("1 interrupt of 1 server.")
    else:
        total = tr_n(
            "{number:,} interrupts of 1 server.", "{number:,} interrupts of {count:,} servers.", servers, number=number
        )
    if not open_ends:
        return total
    unresolved = tr_n("1 outcome unknown and not resolved.", "{count:,} outcomes unknown and not resolved.", open_ends)
    return f"{total} {unresolved}"


def _steps(intent: Intent) -> list[tuple[datetime, str, str]]:
    """(time, server, words) of everything that happened with one interrupt."""
    server = f"{escaped(intent.draft.server_name)} ({escaped(intent.draft.server_no)})"
    reason = tr("reason: {reason}", reason=escaped(intent.draft.reason)) if intent.draft.reason else ""
    words = signs_words(intent.draft.signs)
    signs = tr("vital signs: {signs}", signs=escaped(words)) if words else ""
    confirmed = tr("confirmed by {who}", who=escaped(shown(who(intent.origin))))
    steps = [(intent.time, ", ".join(part for part in (confirmed, reason, signs) if part))]
    if intent.outcome:
        ended = f"**{outcome_word(intent.outcome)}**: {escaped(shown(intent.message))}"
        steps.append((intent.finished or intent.time, ended))
    steps += [(change.time, escaped(str(change))) for change in changes(intent)]
    if intent.resolution:
        found = intent.resolution
        words = tr(
            "resolved as **{found}** by {who}: {note}",
            found=tr(RESOLVED_WORDS[found.resolved_as.value]),
            who=escaped(found.user),
            note=escaped(found.note),
        )
        steps.append((found.time, words))
    return [(time, server, words) for time, words in steps]


def _noted(note: Note) -> tuple[datetime, str, str]:
    words = tr("note by {who}: {text}", who=escaped(shown(who(note.origin))), text=escaped(note.text))
    return note.time, escaped(subject_words(note)), words


def _facts(intent: Intent) -> list[str]:
    draft = intent.draft
    answer = [
        f"HTTP {intent.http_status}" if intent.http_status else "",
        tr("code {code}", code=escaped(intent.return_code)) if intent.return_code else "",
        escaped(intent.return_message),
    ]
    facts = {
        tr("server"): tr("{name}, number {number}", name=escaped(draft.server_name), number=escaped(draft.server_no)),
        tr("region"): escaped(draft.region_code),
        tr("account"): tr(
            "profile {profile}, {key}", profile=escaped(draft.profile), key=escaped(draft.key_fingerprint)
        ),
        tr("acting as"): escaped(acting_words(draft.acting_as)) if draft.acting_as else "",
        tr("gateway"): escaped(draft.gateway),
        tr("by"): escaped(shown(who(intent.origin))),
        tr("incident"): escaped(draft.incident),
        tr("reason"): escaped(draft.reason),
        tr("rules"): escaped(draft.rule_set),
        tr("typed"): escaped(draft.typed),
        tr("outcome"): outcome_word(intent.outcome) if intent.outcome else tr("under way"),
        tr("answer"): ", ".join(part for part in answer if part),
        tr("request id"): ", ".join(map(escaped, intent.request_ids)) or escaped(intent.request_id),
        tr("trace id"): escaped(intent.trace_id),
    }
    return [f"### {escaped(intent.id)}", "", *(f"- {name}: {text}" for name, text in facts.items() if text)]


def _resolution_fields(found: Resolution | None) -> dict[str, str] | None:
    if found is None:
        return None
    return {"as": found.resolved_as.value, "note": found.note, "time": _iso(found.time), "user": found.user}


def _origin_fields(origin: Origin) -> dict[str, Any]:
    return {
        "host": origin.host,
        "terminal": origin.terminal,
        "consoleVersion": origin.version,
        "uid": origin.uid,
        "uidName": origin.uid_name,
        "loginUid": origin.login_uid,
        "sudoUser": origin.sudo_user,
        "sshClient": origin.ssh_client,
        "variables": origin.variables,
    }


def observation_fields(seen: Observation) -> dict[str, str]:
    """One change that was seen after an interrupt, as a JSON object."""
    return {"time": _iso(seen.time), "field": seen.field, "before": seen.before, "after": seen.after}


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def server_fields(row: Row) -> dict[str, Any]:
    """The JSON object of one server. Names are the real ones, not those altered for display."""
    server = row.server
    return {
        "serverInstanceNo": server.server_instance_no,
        "serverName": server.server_name,
        "regionCode": row.region,
        "zoneCode": server.zone_code,
        "status": server.server_instance_status.code,
        "operation": server.server_instance_operation.code,
        "hypervisor": server.hypervisor_type.code,
        "os": row.os,
        "publicIp": server.public_ip,
        "privateIps": list(row.private_ips),
        "secondaryIps": list(row.addresses.secondary),
        "uptime": server.uptime,
        "verdict": "eligible" if row.verdict.eligible else "blocked",
        "reasons": list(row.verdict.reasons),
        "cautions": list(row.verdict.cautions),
        "reasonCodes": list(codes(row.verdict.against)),
        "cautionCodes": list(codes(row.verdict.warnings)),
        "events": list(server.event_list),
    }
