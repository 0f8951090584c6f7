"""Tables know how wide the terminal is: what decides stays in sight, and a pipe gets every line whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from ncpconsole.cli import output
from ncpconsole.cli.output import fitting, say_behind
from ncpconsole.core.safe_text import cell_width
from tests.end_to_end.simulation import simulation
from tests.end_to_end.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end_to_end.simulation import Simulation

HEADINGS = ("NAME", "NUMBER", "ZONE", "OS", "VERDICT")
WIDTHS = (20, 9, 4, 7, 90)


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "128") as running:
        yield running


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (None, [(0, 20), (1, 9), (2, 4), (3, 7), (4, 90)]),
        (200, [(0, 20), (1, 9), (2, 4), (3, 7), (4, 90)]),
        (80, [(0, 20), (1, 9), (2, 4), (3, 7), (4, 32)]),
        (70, [(0, 20), (1, 9), (3, 7), (4, 28)]),
        (60, [(0, 20), (1, 9), (4, 27)]),
        (50, [(0, 13), (1, 9), (4, 24)]),
        (40, [(0, 12), (1, 9), (4, 15)]),
        (10, [(0, 12), (1, 9), (4, 1)]),
    ],
)
def test_columns_give_way_before_the_verdict_does(room: int | None, expected: list[tuple[int, int]]) -> None:
    assert fitting(HEADINGS, WIDTHS, room, ("ZONE", "OS")) == expected


def test_one_long_name_takes_no_column_from_all_the_others() -> None:
    assert fitting(HEADINGS, (50, 9, 4, 7, 20), 80, ("ZONE", "OS")) == [(0, 32), (1, 9), (2, 4), (3, 7), (4, 20)]
    assert fitting(HEADINGS, (50, 9, 4, 7, 20), 71, ("ZONE", "OS")) == [(0, 29), (1, 9), (3, 7), (4, 20)]


def test_a_short_last_column_needs_no_more_than_it_has() -> None:
    assert fitting(("A", "B"), (30, 8), 40, ()) == [(0, 30), (1, 8)]
    assert fitting(("A",), (30,), 20, ()) == [(0, 20)]


@pytest.mark.parametrize("width", [80, 100])
def test_on_a_terminal_each_server_is_one_line_and_the_verdict_is_in_sight(gateway: Simulation, width: int) -> None:
    # COLUMNS is another terminal's; what the terminal itself says counts.
    environment = gateway.environment | {"COLUMNS": "300"}
    with Terminal("servers", "--all", "--filter", "no:14230001", columns=width, environment=environment) as terminal:
        terminal.shows("10 servers.")
        lines = [line.rstrip() for line in terminal.screen.display]
    listed = [line for line in lines if re.search(r"\b14230001\d\b", line)]
    assert len(listed) == 10
    assert all(re.search(r"  (eligible|blocked: \S)", line) for line in listed)
    assert max(map(cell_width, listed)) <= width


def test_a_pipe_has_the_reason_in_a_word_and_show_the_sentence(gateway: Simulation) -> None:
    listed = gateway.console("servers", "--all").stdout.splitlines()[1:]
    verdicts = [re.split(r" {2,}", line)[-1] for line in listed]
    assert all(re.fullmatch(r"(eligible|blocked)(: .{1,30})?", verdict) for verdict in verdicts)
    blocked = next(line for line, verdict in zip(listed, verdicts, strict=True) if verdict == "blocked: not XEN: KVM")
    number = re.search(r"\b1423000\d\d\b", blocked)
    assert number is not None
    shown = gateway.console("show", number.group()).stdout
    assert re.search(r"^Reason: The hypervisor is KVM; .*\.$", shown, re.MULTILINE)


def test_a_list_ends_with_its_count_and_what_is_hidden(gateway: Simulation) -> None:
    listed = gateway.console("servers", "--filter", "no:14230001")
    _, *rows = listed.stdout.splitlines()
    hidden = 10 - len(rows)
    assert listed.stderr == (
        f"{len(rows)} servers; {hidden} more may not be interrupted: --all shows them, with the reasons.\n"
    )
    assert gateway.console("servers", "--all", "--filter", "no:14230001").stderr == "10 servers.\n"
    assert gateway.console("servers", "--json").stderr == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "The keyring is refused: no keyring was found. Start one with gnome-keyring-daemon --unlock, or do without.",
        "키링 백엔드가 거부되었습니다. 키링을 찾지 못했다는 뜻이며 아무것도 저장하지 않았습니다.",
    ],
    ids=["English", "Korean"],
)
def test_on_a_terminal_a_sentence_wraps_between_words_and_a_pipe_gets_it_whole(
    sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output, "terminal_width", lambda: 40)
    say_behind("keyring   ", sentence, indent=10)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 2
    assert max(map(cell_width, lines)) <= 40
    assert all(line.startswith(" " * 10) and line[10] != " " for line in lines[1:])
    assert " ".join(line.strip() for line in lines).split() == ["keyring", *sentence.split()]
    monkeypatch.setattr(output, "terminal_width", lambda: None)
    say_behind("keyring   ", sentence, indent=10)
    assert capsys.readouterr().out == f"keyring   {sentence}\n"


def test_a_path_longer_than_a_line_stays_in_one_piece(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = "/home/operator/.local/state/ncpconsole/journal.db"
    monkeypatch.setattr(output, "terminal_width", lambda: 30)
    say_behind("journal: ", f"{path}, mode 0600", indent=2)
    assert path in capsys.readouterr().out
