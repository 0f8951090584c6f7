"""Who may be interrupted: every cell of the rule sets, every reason, every caution; unknown always blocks."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncpconsole.core.cautions import ServerContext
from ncpconsole.core.eligibility import DEFAULT_RULES, OS, RULE_SETS, operating_system, rules_named, verdict
from ncpconsole.core.errors import ConsoleError
from ncpconsole.core.safe_text import cell_width
from ncpconsole.core.wording import OPERATION_WORDS, STATUS_WORDS, clock, clock_and_zone
from ncpconsole.ncp.results import Outcome
from tests.core.records import LINUX_IMAGE, NOON, WINDOWS_IMAGE, server

XEN_WINDOWS, NEWER = RULE_SETS["xen-windows"], RULE_SETS["2026-10"]
PLATFORMS = {
    "WND32": OS.WINDOWS,
    "WND64": OS.WINDOWS,
    "LNX32": OS.LINUX,
    "LNX64": OS.LINUX,
    "UBS64": OS.LINUX,
    "UBD64": OS.LINUX,
    "": OS.UNKNOWN,
    "BSD64": OS.UNKNOWN,
    "wnd64": OS.UNKNOWN,
    "WND64 ": OS.UNKNOWN,
}
ALLOWED = {
    "xen-windows": {("XEN", OS.WINDOWS)},
    "2026-10": {("XEN", OS.WINDOWS), ("KVM", OS.WINDOWS), ("KVM", OS.LINUX)},
}


@pytest.mark.parametrize("name", ALLOWED)
@pytest.mark.parametrize("hypervisor", ["XEN", "KVM", "", "RHV", "xen", "XEN "])
def test_every_cell(name: str, hypervisor: str) -> None:
    for platform, status in itertools.product(PLATFORMS, [*STATUS_WORDS, "", "BOOM", "run"]):
        found = verdict(server(hypervisor=hypervisor, platform=platform, status=status), RULE_SETS[name])
        cell = f"{name}: {hypervisor!r} {platform!r} {status!r}"
        assert found.eligible == ((hypervisor, PLATFORMS[platform]) in ALLOWED[name] and status == "RUN"), cell
        assert found.eligible == (not found.reasons), cell
        assert found.eligible == (found.word == "eligible"), cell
        assert found.cautions == (), cell


@pytest.mark.parametrize(
    ("record", "word", "reasons"),
    [
        (
            {"platform": "LNX64"},
            "not Windows: Linux",
            ["The operating system is Linux; only Windows can be interrupted on XEN."],
        ),
        ({"hypervisor": "KVM"}, "not XEN: KVM", ["The hypervisor is KVM; the rules “xen-windows” allow only XEN."]),
        (
            {"hypervisor": "KVM", "platform": "UBD64", "status": "NSTOP"},
            "not XEN: KVM",
            [
                "The hypervisor is KVM; the rules “xen-windows” allow only XEN.",
                "The operating system is Linux; only Windows can be interrupted.",
                "The server is not running: its status is NSTOP (stopped).",
            ],
        ),
        (
            {"hypervisor": ""},
            "hypervisor unknown",
            ["The hypervisor is unknown (it is missing), so no rule allows it."],
        ),
        (
            {"hypervisor": "RHV\x1b[2J"},
            "hypervisor unknown",
            ["The hypervisor is unknown (“RHV\\x1b[2J” is not known), so no rule allows it."],
        ),
        (
            {"platform": "BSD64"},
            "OS unknown",
            ["The operating system is unknown (the platform code “BSD64” is not known), so no rule allows it."],
        ),
        (
            {"status": "BOOM"},
            "status unknown",
            ["The server's status is unknown (“BOOM” is not known); it must be running."],
        ),
        (
            {"status": "FSTOP"},
            "stopped",
            ["The server is not running: its status is FSTOP (stopped, after a failure)."],
        ),
        (
            {"number": " "},
            "no number",
            ["The record has no server number, so it cannot be told apart from another server."],
        ),
        (
            {"number": "3000\u200b1"},
            "no number",
            ["The server number holds characters that cannot be shown, so it cannot be confirmed."],
        ),
    ],
)
def test_every_reason_is_a_sentence(record: dict[str, str], word: str, reasons: list[str]) -> None:
    found = verdict(server(**record), XEN_WINDOWS)  # type: ignore[arg-type]  # all of these are texts
    assert list(found.reasons) == reasons
    assert found.word == word
    assert found.state == "blocked"


@pytest.mark.parametrize(
    ("platform", "image", "system"),
    [
        ("WND64", WINDOWS_IMAGE, OS.WINDOWS),
        ("WND64", WINDOWS_IMAGE.lower(), OS.WINDOWS),
        ("UBD64", LINUX_IMAGE, OS.LINUX),
        ("WND64", "", OS.WINDOWS),
        ("WND64", "SW.VSVR.DBMS.WND64.WINNT.SVR2019STD.MSSQL.B100", OS.WINDOWS),
        ("WND64", "custom-image", OS.WINDOWS),
        ("WND64", LINUX_IMAGE, OS.UNKNOWN),
        ("WND64", LINUX_IMAGE.lower(), OS.UNKNOWN),
        ("LNX64", WINDOWS_IMAGE, OS.UNKNOWN),
        ("WND64", "SW.VSVR.OS.WND64.LNX64", OS.UNKNOWN),
        ("", WINDOWS_IMAGE, OS.UNKNOWN),
        ("BSD64", WINDOWS_IMAGE, OS.UNKNOWN),
    ],
)
def test_operating_system_is_cross_checked_with_the_image(platform: str, image: str, system: OS) -> None:
    record = server(platform=platform, image=image)
    assert operating_system(record) is system
    if system is OS.UNKNOWN:
        for rules in RULE_SETS.values():
            assert not verdict(record, rules).eligible


def test_a_contradiction_is_told() -> None:
    found = verdict(server(platform="WND64", image=LINUX_IMAGE), NEWER)
    assert found.word == "OS unknown"
    assert found.reasons == (
        f"The operating system is unknown: the platform says Windows, the image {LINUX_IMAGE} says otherwise.",
    )


@pytest.mark.parametrize(("operation", "words"), [*OPERATION_WORDS.items(), ("WAT", "WAT"), ("\x1b", "\\x1b")])
def test_an_operation_is_a_caution_whatever_it_is(operation: str, words: str) -> None:
    found = verdict(server(operation=operation), XEN_WINDOWS)
    assert found.eligible
    assert found.state == "caution"
    assert found.word == f"busy: {words}"
    assert found.cautions == (f"An operation is in progress: {words}.",)


@pytest.mark.parametrize("operation", ["", "NULL"])
def test_no_operation_is_no_caution(operation: str) -> None:
    found = verdict(server(operation=operation, protected=True), XEN_WINDOWS)
    assert found.state == found.word == "eligible"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("", "no name"),
        ("  ", "no name"),
        ("web\u200b", "altered name"),
        ("web\x1b", "altered name"),
        ("web\ufffd", "altered name"),
        ("x" * 257, "altered name"),
        (" web", "spaces in name"),
        ("web ", "spaces in name"),
        ("a  b", "spaces in name"),
        ("a b", "eligible"),
        ("[prod]결제-1", "eligible"),
    ],
)
def test_a_name_that_cannot_be_typed_as_seen_is_a_caution(name: str, word: str) -> None:
    found = verdict(server(name=name), XEN_WINDOWS)
    assert found.eligible
    assert found.word == word
    assert len(found.cautions) == (word != "eligible")


@pytest.mark.parametrize(
    ("about", "word", "part"),
    [
        ({"under_way": True}, "being sent", "is being sent right now"),
        ({"unresolved": True}, "outcome unknown", "has an unknown outcome: the server is locked"),
        ({"same_name_count": 1}, "same name", "Another server has the same name."),
        (
            {"same_name_count": 4, "same_names": ("a", "b", "c", "d")},
            "same name",
            "4 other servers have the same name: a; b; c; and 1 more.",
        ),
        (
            {"confusable_count": 1, "confusable_names": ("web-l (number 9, region KR)",)},
            "look-alike name",
            "Another server has a name that looks like this one: web-l (number 9, region KR).",
        ),
        ({"same_name_count": 3}, "same name", "3 other servers have the same name."),
        ({"confusable_count": 2}, "look-alike name", "2 other servers have a name that looks like this one."),
    ],
)
def test_circumstances_are_cautions(about: dict[str, Any], word: str, part: str) -> None:
    found = verdict(server(), XEN_WINDOWS, ServerContext(**about))
    assert found.eligible
    assert found.word == word
    assert len(found.cautions) == 1
    assert part in found.cautions[0]


@pytest.mark.parametrize(("minutes_ago", "warned"), [(0, True), (29.9, True), (30, False), (31, False), (-60, True)])
def test_an_interrupt_within_the_cooldown_is_told_with_time_and_outcome(minutes_ago: float, warned: bool) -> None:
    sent = NOON - timedelta(minutes=minutes_ago)
    about = ServerContext(now=NOON, cooldown=1800, recent=sent, recent_outcome=Outcome.UNKNOWN)
    found = verdict(server(), XEN_WINDOWS, about)
    assert len(found.cautions) == warned
    if warned:
        assert found.word == f"unknown {clock(sent)}"
        assert f"sent at {clock_and_zone(sent, NOON)}" in found.cautions[0]
        assert "may have been received" in found.cautions[0]
        assert "30 minutes" in found.cautions[0]


def test_everything_is_said_at_once_the_gravest_first() -> None:
    about = ServerContext(
        now=NOON, cooldown=60, recent=NOON, unresolved=True, under_way=True, same_name_count=1, confusable_count=1
    )
    found = verdict(server(name=" x", operation="SHTDN", status="NSTOP"), XEN_WINDOWS, about)
    assert not found.eligible
    assert found.word == "stopped"
    assert len(found.cautions) == 7
    assert verdict(server(name=" x", operation="SHTDN"), XEN_WINDOWS, about).word == "being sent"


@given(*(st.text(max_size=8) for _ in range(4)))
def test_nothing_unheard_of_is_eligible(hypervisor: str, platform: str, status: str, number: str) -> None:
    for rules in RULE_SETS.values():
        found = verdict(server(number=number, hypervisor=hypervisor, platform=platform, status=status, name="a"), rules)
        known = (hypervisor, PLATFORMS.get(platform)) in rules.allowed and status == "RUN"
        assert not found.eligible or (known and number.strip())


def test_localized_code_names_decide_nothing() -> None:
    plain = verdict(server(status="NSTOP", code_name="stopped"), NEWER)
    assert verdict(server(status="NSTOP", code_name="실행 중 RUN"), NEWER) == plain


def test_words_are_short_enough_for_a_table() -> None:
    records = itertools.chain(
        (server(status=status) for status in [*STATUS_WORDS, "BOOM"]),
        (server(hypervisor=hypervisor) for hypervisor in ("KVM", "", "X" * 300)),
        (server(platform=platform) for platform in ("LNX64", "", "X" * 300)),
    )
    assert max(cell_width(verdict(record, XEN_WINDOWS).word) for record in records) <= 18


def test_rule_sets_are_found_by_name() -> None:
    assert rules_named(DEFAULT_RULES) is XEN_WINDOWS
    assert all(rules.name == name and rules.date and rules.source for name, rules in RULE_SETS.items())
    with pytest.raises(ConsoleError) as caught:
        rules_named("kvm\x1b[2J")
    assert str(caught.value) == "There is no rule set named “kvm\\x1b[2J”; known are xen-windows, 2026-10."
