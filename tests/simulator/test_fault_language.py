"""The language of faults, and that each name is carried out somewhere."""

from __future__ import annotations

import pytest

from ncpconsole.simulator.fault_effects import BYTES, CARRIED_OUT, INSTEAD, NOT_CARRIED_OUT, SAYS
from ncpconsole.simulator.faults import EVERYTHING, FAULTS, READS, Faults, UnknownFault, parse_fault

# Faults that the service itself heeds by name.
HEEDED = {"slow", "flaky", "clock-skew", "empty-account", "no-eligible"}
HEEDED |= {"as-xml", "wrong-shape", "duplicate-pages", "overlapping-pages"}


def test_every_fault_is_carried_out_in_one_place() -> None:
    places = [*NOT_CARRIED_OUT, *CARRIED_OUT, *INSTEAD, *SAYS, *BYTES, *HEEDED]
    assert sorted(places) == sorted(FAULTS)


def test_every_fault_is_described_in_one_line() -> None:
    for name, fault in FAULTS.items():
        assert fault.name == name
        assert fault.description
        assert "\n" not in fault.description
        # A default value is worth nothing to somebody who is not told what it means.
        assert bool(fault.value) == ("=" in fault.description)


@pytest.mark.parametrize(
    ("text", "meets", "value", "left"),
    [
        ("hang", EVERYTHING, "", None),
        ("interrupt:hang", {"interrupt"}, "", None),
        ("once:interrupt:hang", {"interrupt"}, "", 1),
        ("interrupt:once:hang", {"interrupt"}, "", 1),
        ("3-times:list:error-429=7", {"list"}, "7", 3),
        ("read:error-503", READS, "", None),
        ("error-429", EVERYTHING, "1", None),
        ("clock-skew=-11", EVERYTHING, "-11", None),
        ("wrong-echo", {"interrupt"}, "39999999", None),
        ("redirect=http://other.invalid:81/a=b:c", EVERYTHING, "http://other.invalid:81/a=b:c", None),
        ("once:redirect=http://other.invalid/", EVERYTHING, "http://other.invalid/", 1),
    ],
)
def test_what_is_understood(text: str, meets: set[str], value: str, left: int | None) -> None:
    rule = parse_fault(text)
    assert (set(rule.meets), rule.value, rule.left) == (set(meets), value, left)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hangs",
        "hang:list",
        "moon:hang",
        "list:interrupt:hang",
        "list:wrong-echo",
        "0-times:hang",
        "x-times:hang",
        "-times:hang",
        "slow=soon",
        "read:interrupt-unknown",
        "list:",
        ":hang",
    ],
)
def test_what_is_not_understood(text: str) -> None:
    with pytest.raises(UnknownFault):
        parse_fault(text)


def test_times_are_used_up_by_the_requests_it_meets() -> None:
    faults = Faults("2-times:list:error-503")
    met = [bool(faults.match(scope)) for scope in ("list", "interrupt", "list", "list")]
    assert met == [True, False, True, False]


def test_several_stand_at_once_and_in_their_order() -> None:
    faults = Faults("slow=2", "as-xml", "list:error-500", "error-503")
    assert list(faults.match("list")) == ["slow", "as-xml", "error-500", "error-503"]
    assert faults.match("interrupt") == {"slow": "2", "as-xml": "", "error-503": ""}


def test_they_can_be_changed() -> None:
    faults = Faults("hang")
    faults.set("error-500", "slow")
    assert set(faults.match("list")) == {"error-500", "slow"}
    with pytest.raises(UnknownFault):
        faults.set("hang", "nonsense")
    assert set(faults.match("list")) == {"error-500", "slow"}
    faults.clear()
    assert faults.match("list") == {}


def test_flaky_is_by_chance_and_repeatable() -> None:
    def struck(seed: int, text: str = "flaky=20") -> list[str]:
        faults = Faults(text, seed=seed)
        return ["/".join(faults.match("list")) for _ in range(1000)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 150 < sum(map(bool, struck(1))) < 250
    assert 0 < sum(map(bool, struck(1, "flaky"))) < 40
    assert not any(Faults("flaky=100").match("interrupt") for _ in range(10))
