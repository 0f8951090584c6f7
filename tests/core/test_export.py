"""The record as JSON and as a timeline; what came from outside acts on no reader."""

from __future__ import annotations

import json
import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.core.export import as_json_lines, as_markdown, escaped, history_fields, record_fields
from ncpconsole.core.records import Intent, Note, Observation, Origin, Resolution, ResolvedAs, State, Subject
from ncpconsole.ncp.identity import CallerIdentity
from ncpconsole.ncp.results import Outcome
from tests.core.fakes import ALICE, GATEWAY, START, a_draft
from tests.zones import times_in


def an_intent(**changes: object) -> Intent:
    """An accepted interrupt with one sighting."""
    values: dict[str, object] = {
        "id": "01JINTENT",
        "time": START,
        "draft": a_draft(),
        "origin": ALICE,
        "state": State.DONE,
        "outcome": Outcome.ACCEPTED,
        "message": "NCP accepted the interrupt.",
        "http_status": 200,
        "return_code": "0",
        "request_id": "r-1",
        "finished": START + timedelta(seconds=1),
        "observations": (Observation(START + timedelta(seconds=9), "operation", "NULL", "SETUP"),),
    }
    return Intent(**{**values, **changes})  # type: ignore[arg-type] # the values above fit


def test_the_json_object_has_the_documented_fields() -> None:
    draft = a_draft(acting_as=CallerIdentity("mina", "team-alias", "Sub"))
    assert history_fields(an_intent(draft=draft)) == {
        "id": "01JINTENT",
        "time": "2026-03-01T12:00:00Z",
        "serverInstanceNo": "300",
        "serverName": "web-1",
        "regionCode": "KR",
        "profile": "prod",
        "user": "alice",
        "host": "bastion-1",
        "source": "own",
        "actingAs": {"id": "mina", "loginAlias": "team-alias", "userType": "Sub"},
        "outcome": "accepted",
        "resolution": None,
        "message": "NCP accepted the interrupt.",
        "requestId": "r-1",
        "requestIds": ["r-1"],
        "reason": "hangs",
        "incident": "INC-7",
        "signs": None,
        "observations": [{"time": "2026-03-01T12:00:09Z", "field": "operation", "before": "NULL", "after": "SETUP"}],
        "notes": [],
    }


def test_an_open_and_a_resolved_interrupt_say_so() -> None:
    assert history_fields(an_intent(outcome=None, state=State.SENDING))["outcome"] is None
    found = Resolution(ResolvedAs.NOT_RECEIVED, "uptime unchanged", START, "bob")
    assert history_fields(an_intent(outcome=Outcome.UNKNOWN, resolution=found))["resolution"] == {
        "as": "not-received",
        "note": "uptime unchanged",
        "time": "2026-03-01T12:00:00Z",
        "user": "bob",
    }


def test_everything_of_a_record_tells_who_by_the_systems_own_word_and_what_was_seen() -> None:
    origin = Origin("ops", "h", "pts/1", "1", 1001, "ops", 1000, "mina", "192.0.2.7", {"LOGNAME": "alice"})
    found = Resolution(ResolvedAs.NOT_RECEIVED, "uptime unchanged", START, "ops", origin, {"start": "2026-01-01"})
    told = record_fields(an_intent(outcome=Outcome.UNKNOWN, origin=origin, sent=START, resolution=found))
    facts = {"uid": 1001, "uidName": "ops", "loginUid": 1000, "sudoUser": "mina", "sshClient": "192.0.2.7"}
    assert facts.items() <= told.items()
    assert facts.items() <= told["resolvedBy"].items()
    assert (told["variables"], told["resolvedOn"]) == ({"LOGNAME": "alice"}, {"start": "2026-01-01"})
    assert (told["user"], told["sent"]) == ("ops", "2026-03-01T12:00:00Z")
    assert record_fields(an_intent())["resolvedBy"] is None


def test_json_lines_lose_nothing_and_hold_one_object_a_line() -> None:
    hostile = a_draft(server_name="a\n\u202eb\x1b[2J결제\ud800", reason='"}\n{"x":1')
    text = as_json_lines([an_intent(draft=hostile), an_intent()])
    lines = text.splitlines()
    assert (len(lines), text.endswith("\n"), text.isascii()) == (2, True, True)
    first = json.loads(lines[0])
    assert (first["serverName"], first["reason"]) == (hostile.server_name, hostile.reason)
    assert (first["gateway"], first["terminal"], first["snapshot"]["serverName"]) == (
        hostile.gateway,
        "pts/3 from 192.0.2.7",
        "web-1",
    )
    assert set(history_fields(an_intent())) < set(first)


def test_the_timeline_tells_the_story_in_the_order_of_time() -> None:
    unknown = an_intent(
        id="01JSECOND",
        time=START + timedelta(seconds=5),
        draft=a_draft("301", server_name="sql-1", reason=""),
        outcome=Outcome.UNKNOWN,
        message="No answer came.",
        finished=START + timedelta(seconds=35),
        observations=(),
        resolution=Resolution(ResolvedAs.ACCEPTED, "blue screen", START + timedelta(minutes=2), "bob"),
    )
    with times_in("Asia/Seoul"):
        text = as_markdown([unknown, an_intent()])
    assert text.startswith("# Interrupts during INC-7\n\n2 interrupts of 2 servers.\n")
    story = [line for line in text.splitlines() if line.startswith("| 2026")]
    assert story == [
        "| 2026-03-01 21:00:00 KST (12:00:00 UTC) | web-1 (300) "
        "| confirmed by alice&#64;bastion-1 (pts/3 from 192.0.2.7), reason: hangs |",
        "| 2026-03-01 21:00:01 KST (12:00:01 UTC) | web-1 (300) | **accepted**: NCP accepted the interrupt. |",
        "| 2026-03-01 21:00:05 KST (12:00:05 UTC) | sql-1 (301) "
        "| confirmed by alice&#64;bastion-1 (pts/3 from 192.0.2.7) |",
        "| 2026-03-01 21:00:09 KST (12:00:09 UTC) | web-1 (300) | STATE running → setting up |",
        "| 2026-03-01 21:00:35 KST (12:00:35 UTC) | sql-1 (301) | **unknown**: No answer came. |",
        "| 2026-03-01 21:02:00 KST (12:02:00 UTC) | sql-1 (301) | resolved as **accepted** by bob: blue screen |",
    ]
    assert "- request id: r-1" in text


def test_open_ends_are_named_in_the_first_lines() -> None:
    text = as_markdown([an_intent(outcome=Outcome.UNKNOWN), an_intent(draft=a_draft(incident="INC-8"))])
    assert text.startswith("# Interrupts\n\n2 interrupts of 1 server. 1 outcome unknown and not resolved.\n")


def test_nothing_recorded_is_said() -> None:
    assert as_markdown([]) == "# Interrupts\n\nNo interrupt is recorded.\n"


HOSTILE = {
    "html": ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    "entity": ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
    "table": ("a | b", r"a \| b"),
    "link": ("[click](javascript:alert(1))", r"\[click\](javascript:alert(1))"),
    "image": ("![x](http://evil/x.png)", r"!\[x\](http&#58;//evil/x.png)"),
    "bare link": ("see www.evil.test", "see www&#46;evil.test"),
    "emphasis": ("*a* _b_ ~c~ `d`", r"\*a\* \_b\_ \~c\~ \`d\`"),
    "backslash": ("a\\|b", r"a\\\|b"),
    "line break": ("a\n# b", r"a\\x0a\# b"),
    "formula": ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
    "formula after spaces": ("  +1", "'  +1"),
    "formula with minus": ("-1+1", "'-1+1"),
    "formula with at": ("@SUM(1)", "'&#64;SUM(1)"),
    "formula after a tab": ("\t=1", r"\\x09=1"),
    "terminal": ("\x1b[2J\u202e", r"\\x1b\[2J\\u202e"),
}


@pytest.mark.parametrize(("text", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_text(text: str, shown: str) -> None:
    assert escaped(text) == shown


@given(st.text(max_size=40))
def test_no_text_can_leave_its_cell(text: str) -> None:
    """Whatever is in the record, the timeline keeps its shape and no raw control or bidi character."""
    draft = a_draft(server_name=text, reason=text, incident=text, typed=text, profile=text)
    intent = an_intent(
        draft=draft,
        origin=Origin(text, text, text, "0"),
        message=text,
        request_id=text,
        return_message=text,
        observations=(Observation(START, "uptime", text, text),),
        resolution=Resolution(ResolvedAs.ACCEPTED, text, START, text),
    )
    written = as_markdown([intent])
    story = [line for line in written.splitlines() if line.startswith("| 2026")]
    assert len(story) == 4
    for line in story:
        assert line.replace(r"\\", "").replace(r"\|", "").count("|") == 4
    assert "<" not in written
    assert not [char for char in written if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n"]
    assert as_json_lines([intent]).isascii()


def test_notes_stand_with_their_interrupt_and_in_the_timeline_where_they_were_made() -> None:
    server = Subject(GATEWAY, "300", "web-1")
    notes = [
        Note(START + timedelta(hours=30), "another day", ALICE, server),
        Note(START + timedelta(minutes=4), "RDP *answers*", ALICE, server),
        Note(START + timedelta(minutes=2), "vendor called", ALICE, Subject(incident="INC-7")),
        Note(START + timedelta(minutes=1), "of another one", ALICE, Subject(GATEWAY, "300", "web-1", "01JOTHER")),
        Note(START + timedelta(minutes=1), "next door", ALICE, Subject(GATEWAY, "301", "web-2")),
    ]
    assert [one["note"] for one in history_fields(an_intent(), notes)["notes"]] == ["RDP *answers*", "vendor called"]
    rows = [line for line in as_markdown([an_intent()], notes).splitlines() if "note by" in line]
    assert [row.partition(" over SSH): ")[2] or row.rpartition("): ")[2] for row in rows] == [
        "of another one |",
        "next door |",
        "vendor called |",
        "RDP \\*answers\\* |",
        "another day |",
    ]


def test_notes_alone_make_a_timeline() -> None:
    text = as_markdown([], [Note(START, "looked at it", ALICE, Subject(GATEWAY, "300", "web-1"))])
    assert "| web-1 (300) | note by " in text
    assert "## Records" not in text
