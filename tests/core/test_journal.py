"""The steps of an intent, the guard, and what is remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from ncpconsole.core.errors import NotResolvable, Refused, ServerLocked
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.records import Draft, Observation, ResolvedAs, State
from ncpconsole.ncp.results import Outcome, SendResult
from tests.core.fakes import ACCEPTED, ALICE, BOB, GATEWAY, NOT_SENT, REJECTED, START, UNKNOWN, Clock, a_draft

if TYPE_CHECKING:
    from pathlib import Path

Open = Callable[..., Journal]


def finished(journal: Journal, result: SendResult, draft: Draft | None = None) -> str:
    """Claim, send and finish one intent; gives its id."""
    intent_id = journal.claim(draft or a_draft()).id
    journal.mark_sending(intent_id)
    journal.finish(intent_id, result)
    return intent_id


def test_an_intent_keeps_everything_that_was_confirmed(journal: Journal, open_journal: Open) -> None:
    draft = a_draft(reason="멈춤 \x1b[31m", incident="INC-\ud800", server_name="web\u202e-1")
    claimed = journal.claim(draft)
    assert (claimed.draft, claimed.origin, claimed.time, claimed.state) == (draft, ALICE, START, State.CLAIMED)
    assert open_journal().intent(claimed.id) == claimed


def test_each_step_is_on_disk_before_the_call_returns(journal: Journal, open_journal: Open) -> None:
    other = open_journal()
    intent_id = journal.claim(a_draft()).id
    states = [other.intents()[0].state]
    journal.mark_sending(intent_id)
    states.append(other.intents()[0].state)
    done = journal.finish(intent_id, ACCEPTED)
    assert [*states, done.state] == [State.CLAIMED, State.SENDING, State.DONE]
    assert other.intent(intent_id) == done


def test_an_outcome_keeps_what_ncp_said_and_makes_it_safe(journal: Journal, clock: Clock) -> None:
    intent_id = journal.claim(a_draft()).id
    journal.mark_sending(intent_id)
    clock.move(3)
    result = SendResult(
        outcome=Outcome.REJECTED,
        message="No.",
        http_status=400,
        return_code="25013",
        return_message="\x1b]52;c;AAAA\x07busy\nnow",
        request_ids=("r-1", "r-2"),
        trace_id="t-1",
    )
    intent = journal.finish(intent_id, result)
    assert intent.outcome is Outcome.REJECTED
    assert (intent.http_status, intent.return_code, intent.request_id, intent.trace_id) == (400, "25013", "r-1", "t-1")
    assert intent.return_message == "\\x1b]52;c;AAAA\\x07busy\nnow"
    assert intent.finished == START + timedelta(seconds=3)


@pytest.mark.parametrize("result", [ACCEPTED, REJECTED, NOT_SENT])
def test_a_known_outcome_frees_the_server(journal: Journal, result: SendResult) -> None:
    finished(journal, result)
    assert journal.claim(a_draft()).is_open


@pytest.mark.parametrize("state", [State.CLAIMED, State.SENDING])
def test_an_interrupt_under_way_locks_its_server(journal: Journal, open_journal: Open, state: State) -> None:
    holder = journal.claim(a_draft())
    if state is State.SENDING:
        journal.mark_sending(holder.id)
    for other in (journal, open_journal(origin=BOB)):
        with pytest.raises(ServerLocked, match=r"300 .web-1. by alice@bastion-1 .* under way") as locked:
            other.claim(a_draft())
        assert locked.value.intent.id == holder.id
        assert other.recover() == []
    assert journal.intents()[0].state is state


def test_an_unknown_outcome_locks_its_server_until_it_is_resolved(journal: Journal, open_journal: Open) -> None:
    intent_id = finished(journal, UNKNOWN)
    assert [one.id for one in journal.unresolved()] == [intent_id]
    with pytest.raises(ServerLocked, match=f"unknown outcome.*resolve {intent_id} --as"):
        open_journal().claim(a_draft())
    resolved = open_journal(origin=BOB).resolve(intent_id, ResolvedAs.ACCEPTED, "blue screen seen")
    assert resolved.resolution is not None
    assert (resolved.resolution.user, resolved.resolution.note) == ("bob", "blue screen seen")
    assert resolved.resolution.origin == BOB
    assert journal.unresolved() == []
    assert journal.claim(a_draft()).is_open


def test_the_guard_is_by_gateway_and_number_and_not_by_key(journal: Journal) -> None:
    journal.claim(a_draft())
    for same in (
        a_draft(key_fingerprint="key-other", profile="second"),
        a_draft(gateway="HTTPS://Gateway.TEST:443/"),
        a_draft(gateway="https://other.test"),
        a_draft(region_code="JPN"),
    ):
        with pytest.raises(ServerLocked):
            journal.claim(same)
    assert journal.claim(a_draft("301")).is_open


@pytest.mark.parametrize("result", [ACCEPTED, REJECTED])
def test_an_answer_needs_a_committed_sending(journal: Journal, result: SendResult) -> None:
    intent_id = journal.claim(a_draft()).id
    with pytest.raises(Refused):
        journal.finish(intent_id, result)
    assert journal.intents()[0].is_open
    assert journal.finish(intent_id, NOT_SENT).outcome is Outcome.NOT_SENT


def test_no_step_can_be_taken_twice(journal: Journal) -> None:
    intent_id = journal.claim(a_draft()).id
    journal.mark_sending(intent_id)
    with pytest.raises(Refused):
        journal.mark_sending(intent_id)
    journal.finish(intent_id, ACCEPTED)
    for step in (
        lambda: journal.mark_sending(intent_id),
        lambda: journal.finish(intent_id, UNKNOWN),
        lambda: journal.mark_sending("never claimed"),
        lambda: journal.finish("never claimed", ACCEPTED),
        lambda: journal.observe("never claimed"),
    ):
        with pytest.raises(Refused):
            step()
    assert journal.intents()[0].outcome is Outcome.ACCEPTED
    assert journal.verify().fault is None


def test_only_an_unknown_outcome_is_resolved_and_only_once_and_with_a_note(journal: Journal) -> None:
    open_id = journal.claim(a_draft("1")).id
    known_id = finished(journal, ACCEPTED, a_draft("2"))
    unknown_id = finished(journal, UNKNOWN, a_draft("3"))
    for intent_id, why in ((open_id, "under way"), (known_id, "known .accepted"), ("none", "has no interrupt")):
        with pytest.raises(NotResolvable, match=why):
            journal.resolve(intent_id, ResolvedAs.ACCEPTED, "seen")
    with pytest.raises(NotResolvable, match="note"):
        journal.resolve(unknown_id, ResolvedAs.ACCEPTED, " \n")
    journal.resolve(unknown_id, ResolvedAs.ACCEPTED, "blue screen")
    with pytest.raises(NotResolvable, match="already resolved as accepted"):
        journal.resolve(unknown_id, ResolvedAs.NOT_RECEIVED, "changed my mind")


def test_observations_are_kept_in_order_with_their_own_times(journal: Journal) -> None:
    intent_id = finished(journal, ACCEPTED)
    first = Observation(START, "status", "RUN", "NSTOP")
    second = Observation(START + timedelta(seconds=5), "statusName", "running", "\x9bstopped")
    journal.observe(intent_id, first)
    journal.observe(intent_id, second)
    journal.observe(intent_id)
    kept = journal.intents()[0].observations
    assert kept == (first, Observation(second.time, "statusName", "running", "\\x9bstopped"))


def test_two_consoles_that_watch_one_server_record_each_change_once(
    journal: Journal, open_journal: Callable[..., Journal]
) -> None:
    intent_id = finished(journal, ACCEPTED)

    def seen(after: int) -> tuple[Observation, ...]:
        moment = START + timedelta(seconds=after)
        return (
            Observation(moment, "operation", "SETUP", "NULL"),
            Observation(moment, "server", "interrupted", "back\x9b"),
        )

    journal.observe(intent_id, Observation(START, "operation", "NULL", "SETUP"))
    other = open_journal()
    other.observe(intent_id, Observation(START, "operation", "NULL", "SETUP"), *seen(8))
    events = journal.verify().events
    journal.observe(intent_id, *seen(10))
    assert journal.verify().events == events
    told = [(one.field, one.after) for one in journal.intents()[0].observations]
    assert told == [("operation", "SETUP"), ("operation", "NULL"), ("server", "back\\x9b")]
    journal.observe(intent_id, Observation(START, "operation", "NULL", "SETUP"))
    assert len(journal.intents()[0].observations) == 4


def test_intents_come_newest_first_by_their_order_and_not_by_the_clock(journal: Journal, clock: Clock) -> None:
    ids = []
    for number in ("1", "2", "3"):
        ids.append(finished(journal, ACCEPTED, a_draft(number)))
        clock.move(-3600)  # somebody keeps setting the clock back
    assert [intent.id for intent in journal.intents()] == ids[::-1]
    assert journal.verify().fault is None


def test_intents_are_found_by_gateway_number_and_incident(journal: Journal) -> None:
    one = finished(journal, ACCEPTED, a_draft("1"))
    two = finished(journal, ACCEPTED, a_draft("2", incident="INC-8"))
    other = finished(journal, UNKNOWN, a_draft("1", gateway="https://ncloud.apigw.gov-ntruss.com"))

    def found(**wanted: str | int) -> list[str]:
        return [intent.id for intent in journal.intents(**wanted)]  # type: ignore[arg-type] # as typed above

    assert found(server_no="1") == [other, one]
    assert found(gateway="https://ncloud.apigw.ntruss.com/", server_no="1") == [one]
    assert found(gateway=f"{GATEWAY}/", server_no="1") == [other, one]
    assert found(incident="INC-8") == [two]
    assert found(limit=1) == [other]
    assert found(server_no="' OR 1=1 --") == []
    assert [one.id for one in journal.unresolved("https://ncloud.apigw.gov-ntruss.com")] == [other]
    assert journal.unresolved("https://ncloud.apigw.ntruss.com") == []


# Consoles that ended.


@pytest.mark.parametrize(
    ("sending", "outcome"), [(False, Outcome.NOT_SENT), (True, Outcome.UNKNOWN)], ids=["claimed", "sending"]
)
def test_an_orphan_gets_the_only_honest_outcome(open_journal: Open, *, sending: bool, outcome: Outcome) -> None:
    dead = open_journal()
    intent_id = dead.claim(a_draft()).id
    if sending:
        dead.mark_sending(intent_id)
    dead.close()
    survivor = open_journal()
    surfaced = survivor.recover()
    assert [(one.id, one.outcome) for one in surfaced] == [(intent_id, outcome)]
    assert survivor.recover() == []
    assert survivor.verify().fault is None


def test_a_claim_over_a_dead_consoles_claim_goes_through(open_journal: Open) -> None:
    dead = open_journal()
    orphan = dead.claim(a_draft()).id
    dead.close()
    survivor = open_journal()
    assert survivor.claim(a_draft()).is_open
    found = survivor.intent(orphan)
    assert found is not None
    assert found.outcome is Outcome.NOT_SENT


def test_a_claim_over_a_dead_consoles_send_is_refused_as_unknown(open_journal: Open) -> None:
    dead = open_journal()
    dead.mark_sending(dead.claim(a_draft()).id)
    dead.close()
    survivor = open_journal()
    with pytest.raises(ServerLocked, match="unknown outcome"):
        survivor.claim(a_draft())
    assert len(survivor.unresolved()) == 1


def test_recovery_tells_the_dead_from_the_living(open_journal: Open) -> None:
    living, dead, survivor = open_journal(), open_journal(), open_journal()
    kept = living.claim(a_draft("1")).id
    lost = dead.claim(a_draft("2")).id
    dead.close()
    assert [one.id for one in survivor.recover()] == [lost]
    living.mark_sending(kept)
    assert living.finish(kept, ACCEPTED).outcome is Outcome.ACCEPTED


def test_owner_files_are_cleaned_up_but_for_the_living(
    open_journal: Open, journal: Journal, journal_path: Path
) -> None:
    for number in ("1", "2", "3"):
        dead = open_journal()
        finished(dead, ACCEPTED, a_draft(number))
        dead.close()
    journal.claim(a_draft("4"))
    assert open_journal().recover() == []
    assert len(list(journal_owners(journal_path))) == 1


def journal_owners(journal_path: Path) -> list[str]:
    """The names in the directory of owner locks."""
    return [path.name for path in (journal_path.parent / "owners").iterdir()]


def test_a_console_that_was_given_up_for_dead_cannot_send(open_journal: Open) -> None:
    """If the owner's lock were ever lost, the journal itself still refuses the send."""
    console = open_journal()
    intent_id = console.claim(a_draft()).id
    console._locks.release()
    assert [one.outcome for one in open_journal().recover()] == [Outcome.NOT_SENT]
    with pytest.raises(Refused):
        console.mark_sending(intent_id)
