"""The harness tells a met bar from a missed one, and fails where one is missed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import __main__ as everything
from tests.benchmarks import filtering
from tests.benchmarks.harness import (
    Figure,
    exit_code,
    machine,
    main,
    markdown,
    percentile,
    ratio,
    report,
    table,
)
from tests.benchmarks.recorded_terminal import Frame, answer_times

if TYPE_CHECKING:
    from pathlib import Path

MET = Figure("start", 1.3, "×", bar=1.3, versus="a|b")
MISSED = Figure("memory", 60.5, "MB", bar=60)
FASTER = Figure("times faster", 19.9, "×", bar=20, higher_is_better=True)
FREE = Figure("median", 3.0, "ms", samples=(2.0, 3.0))


def test_a_bar_is_a_ceiling_unless_higher_is_better() -> None:
    assert [one.is_met for one in (MET, MISSED, FASTER, FREE)] == [True, False, False, True]
    assert Figure("times faster", 20, "×", bar=20, higher_is_better=True).is_met


def test_a_missed_bar_and_an_empty_run_fail() -> None:
    assert exit_code([MET, FREE]) == 0
    assert exit_code([MET, MISSED]) == 1
    assert exit_code([]) == 1


def test_a_module_alone_exits_as_its_bars_say(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(lambda: [FASTER])
    assert ended.value.code == 1
    assert "MISSED" in capsys.readouterr().out


@pytest.mark.parametrize(("percent", "expected"), [(1, 1), (50, 10), (95, 19), (96, 20), (100, 20)])
def test_percentile(percent: float, expected: float) -> None:
    assert percentile([*range(20, 0, -1)], percent) == expected


def test_ratio_of_medians_or_of_another_measure() -> None:
    assert ratio("r", [4, 2, 90], [2, 1, 3], versus="x").value == 2
    assert ratio("r", [4, 2, 90], [2, 1, 3], versus="x", of=min).value == 2
    assert ratio("r", [5, 2, 90], [2, 1, 3], versus="x").value == 2.5


def test_the_tables_tell_value_bar_and_verdict() -> None:
    lines = table([MET, FASTER, FREE]).splitlines()
    assert lines[1].split() == ["start", "(vs", "a|b)", "1.30", "×", "≤", "1.3", "×", "met"]
    assert lines[2].endswith("≥ 20 ×   MISSED")
    assert lines[3].split() == ["median", "3.00", "ms"]
    assert markdown([MET]).splitlines()[2] == "| start (vs a\\|b) | 1.30 × | ≤ 1.3 × | met |"


def test_the_report_is_json_with_machine_samples_and_verdicts() -> None:
    document = json.loads(report([MISSED, FREE], machine()))
    assert [one["is_met"] for one in document["figures"]] == [False, True]
    assert document["figures"][1]["samples"] == [2.0, 3.0]
    assert {"date", "processor", "python", "textual", "ncpconsole"} <= document["machine"].keys()


def test_the_readme_keeps_everything_but_the_table() -> None:
    before = "# one\n<!-- bench: begin (how) -->\nold\n<!-- bench: end -->\nafter\n"
    after = everything.drawn_into(before, [MET, FREE], {"date": "2026-11-02", "load": "0.1", "textual": "8"})
    assert after.startswith("# one\n<!-- bench: begin (how) -->\nMeasured on 2026-11-02: textual 8.\n")
    assert after.endswith("<!-- bench: end -->\nafter\n")
    assert "old" not in after
    assert after.index("| start") < after.index("<details>") < after.index("| median")
    assert everything.drawn_into(after, [MET, FREE], {"date": "2026-11-02", "textual": "8"}) == after


def test_the_readme_has_its_marks() -> None:
    text = everything.README.read_text(encoding="utf-8")
    assert (text.count(everything.BEGIN), text.count(everything.END)) == (1, 1)


@pytest.mark.parametrize(("figures", "code"), [([MET], 0), ([MET, MISSED], 1)])
def test_the_whole_run_writes_json_and_fails_for_a_missed_bar(
    figures: list[Figure],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    written = tmp_path / "benchmarks.json"
    monkeypatch.setattr(everything, "JSON", written)
    monkeypatch.setattr(everything, "figures_of", lambda _: figures)
    monkeypatch.setattr(sys, "argv", ["bench"])
    assert everything.main() == code
    assert len(json.loads(written.read_text())["figures"]) == len(figures)
    assert ("MISSED" in capsys.readouterr().out) is bool(code)


def test_an_answer_is_the_frame_from_which_the_lines_stay() -> None:
    frames = [
        Frame(0, ("head", "a")),
        Frame(1.5, ("HEAD", "a")),
        Frame(2, ("HEAD", "b")),
        Frame(2.5, ("x", "b")),
    ]
    assert answer_times(frames, [1], 3, slice(1, None)) == [1]
    assert answer_times(frames[:2], [1], 3, slice(1, None)) == []


def test_a_module_has_figures() -> None:
    measured = filtering.figures(quick=True)
    assert len(measured) == 6
    assert all(figure.value > 0 for figure in measured)
