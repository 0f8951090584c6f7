"""Hostile text through the plain commands and into what they export: drawn, never obeyed, never confused."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections import defaultdict
from itertools import cycle, pairwise
from typing import TYPE_CHECKING

import pexpect
import pytest
from markdown_it import MarkdownIt

from ncpconsole.cli import root, run
from ncpconsole.core.cautions import Caution
from tests.end_to_end.hostile import MARKUP, SEQUENCES, hostile_names
from tests.end_to_end.output import unfit
from tests.end_to_end.terminal import CONSOLE
from tests.simulator.threaded import running_simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

    from tests.simulator.threaded import ThreadedSimulator

DESPITE = tuple(word for code in Caution for word in ("--despite", code.value))
SEED = 7
CROWD = 10_000
FEW = 340
ELIGIBLE = {"hypervisor": "XEN", "platform": "WND64", "image": "WND64", "status": "RUN", "operation": "NULL"}
LISTED = re.compile(r"(?P<name>.*?) +(?P<number>1\d{8})  (?:10\.| {10})")
RENDERED = {
    "heading", "paragraph", "inline", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item",
    "text", "strong", "text_special",
}  # fmt: skip
"""What a timeline may consist of. No link, image, code, HTML, emphasis of a name's own making."""


def rename(gateway: ThreadedSimulator, names: list[str]) -> None:
    """Give these names to the servers. Every fifth may be interrupted; the others' codes are odd too."""
    for number, name in zip(numbers_of(gateway, len(names)), names, strict=True):
        more = ELIGIBLE if number.endswith(("0", "5")) else {"operation": name, "status": name}
        odd = {"description": name, "zone": f"KR{name[:3]}", "status_name": name}
        gateway.simulator.state().change(number, name=name, **odd, **more)


def numbers_of(gateway: ThreadedSimulator, count: int) -> list[str]:
    return gateway.fleet.slice(gateway.region, 0, count)


@pytest.fixture(scope="module")
def crowd() -> Iterator[ThreadedSimulator]:
    """A gateway with ten thousand names."""
    with running_simulator(servers=CROWD) as gateway:
        rename(gateway, hostile_names(CROWD, SEED))
        yield gateway


@pytest.fixture
def few() -> Iterator[ThreadedSimulator]:
    """A gateway with a few servers of hostile names."""
    with running_simulator(servers=FEW) as gateway:
        rename(gateway, hostile_names(FEW, SEED))
        yield gateway


def keys_of(gateway: ThreadedSimulator) -> dict[str, str]:
    return {**gateway.environment, "NCLOUD_REGION": gateway.region, "LC_ALL": "C.UTF-8"}


def received(text: str) -> str:
    """The text after a journey as JSON: unpaired surrogates have no meaning, pairs are one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def machine_name(gateway: ThreadedSimulator, number: str) -> str:
    machine = gateway.simulator.state().machine(number)
    assert machine is not None
    return machine.name


class Shell:
    """Runs commands in this process, as the program does, and keeps the bytes they printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]) -> None:
        self.monkeypatch = monkeypatch
        self.capture = capture

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error; both hold only what a terminal draws."""
        self.monkeypatch.setattr(sys, "argv", ["ncpconsole", *words])
        try:
            code = run(root)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        out, err = (stream.decode("utf-8") for stream in self.capture.readouterr())
        assert unfit(out + err) == set(), words
        assert "internal error" not in err, err
        return code, out, err


@pytest.fixture
def shell(few: ThreadedSimulator, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Shell:
    """A shell for somebody with a key of the gateway with few servers."""
    for name, value in keys_of(few).items():
        monkeypatch.setenv(name, value)
    return Shell(monkeypatch, capfdbinary)


def test_ten_thousand_names_through_a_pipe_and_none_taken_for_another(crowd: ThreadedSimulator) -> None:
    keys = dict(os.environ) | keys_of(crowd)
    printed, listed = (
        subprocess.run([CONSOLE, "servers", "--all", *form], env=keys, capture_output=True, check=True, timeout=120)
        for form in ((), ("--json",))
    )
    lines = printed.stdout.decode("utf-8")
    assert unfit(lines) == set()
    assert listed.stdout.isascii()
    assert unfit(listed.stdout.decode("ascii")) == set()
    servers = {server["serverInstanceNo"]: server for server in json.loads(listed.stdout)}
    assert len(servers) == CROWD
    shown: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for line in lines.splitlines()[1:]:
        found = LISTED.match(line)
        assert found, line
        shown[found["name"]][found["number"]] = servers[found["number"]]["serverName"]
    assert sum(map(len, shown.values())) == CROWD
    confusable = [number for alike in shown.values() if len(set(alike.values())) > 1 for number in alike]
    eligible = [servers[number] for number in confusable if servers[number]["verdict"] == "eligible"]
    assert len(eligible) > 20
    assert [server for server in eligible if not server["cautions"]] == []


def test_ten_thousand_names_in_a_terminal(crowd: ThreadedSimulator) -> None:
    keys = dict(os.environ) | keys_of(crowd)
    child = pexpect.spawn(CONSOLE, ["servers", "--all"], env=keys, timeout=120, maxread=1 << 20)
    child.expect(pexpect.EOF)
    written = child.before.decode("utf-8")
    child.close()
    assert child.exitstatus == 0
    heading, count = 1, 1
    assert written.count("\r\n") == heading + CROWD + count
    assert unfit(written, "\r\n") == set()


def test_names_of_every_family_one_by_one(shell: Shell, few: ThreadedSimulator) -> None:
    texts = cycle(hostile_names(200, SEED + 1))
    for number in numbers_of(few, 34):
        assert shell.run("show", number)[0] == 0
        reason = next(texts).replace("\0", "")
        code, _, err = shell.run(
            "interrupt", number, "--confirm", number, *DESPITE, "--dry-run", "--reason", reason, "--incident", reason
        )
        assert code in {0, 3}, err


def test_interrupts_of_hostile_names_and_their_exports(shell: Shell, few: ThreadedSimulator) -> None:
    texts = [*MARKUP, *SEQUENCES, *hostile_names(34, SEED + 2)]
    dice = random.Random(SEED)
    names, reasons = set(), set()
    numbers = numbers_of(few, FEW)[4::5][:60]
    for number, markup in zip(numbers, MARKUP, strict=False):
        few.simulator.state().change(number, name=markup)
    for number in numbers:
        reason = f"{dice.choice(texts)} {dice.choice(texts)}".replace("\0", "")
        code, _, err = shell.run("interrupt", number, "--confirm", number, *DESPITE, "--reason", reason)
        name = machine_name(few, number)
        if code == 3 and "name exactly" in err:
            code, _, err = shell.run("interrupt", number, "--confirm", name, "--reason", reason)
        assert code == 0, err
        names.add(received(name))
        reasons.add(reason.strip())
    shell.run("show", number)
    shell.run("history")
    records = json.loads(shell.run("history", "--json")[1])
    assert {record["serverName"] for record in records} == names
    assert {record["reason"] for record in records} == reasons
    lines = shell.run("history", "--jsonl")[1].splitlines()
    assert lines == [line for line in lines if line.isascii()]
    assert [json.loads(line)["serverName"] for line in lines] == [record["serverName"] for record in records]
    assert_harmless(shell.run("history", "--markdown")[1])
    assert shell.run("history", "--verify")[0] == 0


def assert_harmless(timeline: str) -> None:
    """The Markdown renders to headings, tables and lists of plain text, and no cell begins a formula."""
    tokens = MarkdownIt("gfm-like").parse(timeline)
    assert {re.sub("_(open|close)$", "", token.type) for token in flat(tokens)} <= RENDERED
    cells = [
        after.content for token, after in pairwise(tokens) if token.type in {"th_open", "td_open", "paragraph_open"}
    ]
    assert [cell for cell in cells if re.match(r"\s*[=+\-@\t]", cell)] == []
    assert "alert(1)" in timeline


def flat(tokens: list[Token]) -> list[Token]:
    return [one for token in tokens for one in (token, *flat(token.children or []))]


@pytest.mark.parametrize("scope", ["", "list:", "interrupt:"])
def test_what_the_gateway_says(shell: Shell, few: ThreadedSimulator, scope: str) -> None:
    number = numbers_of(few, 5)[-1]
    for text in (*SEQUENCES, "\u202e\u200b", *hostile_names(17, SEED + 3)):
        few.faults.set(f"{scope}refused-saying={text} said".replace("\n", " "))
        code, _, err = shell.run("servers")
        assert code == (0 if scope == "interrupt:" else 4), err
        if scope == "interrupt:":
            code, _, err = shell.run("interrupt", number, "--confirm", number, *DESPITE, "--reason", "test")
            assert code in {3, 4}, err


def test_what_the_operator_types(shell: Shell) -> None:
    for text in (*SEQUENCES, "\u202e\u2066\u200b", "\udcff\udc1b", *hostile_names(17, SEED + 4)):
        typed = text.replace("\0", "") or "-"
        for words in (
            (typed,),
            (f"--{typed}",),
            ("paths", typed),
            ("show", f"x{typed}"),
            ("interrupt", f"x{typed}", "--confirm", typed),
            ("servers", "--filter", typed),
            ("servers", "--filter", f"{typed}:{typed}"),
            ("servers", f"--rules={typed}"),
            ("servers", f"--region={typed}"),
            ("servers", f"--profile={typed}"),
            ("servers", f"--api-url={typed}"),
            ("servers", f"--timeout={typed}"),
            ("resolve", f"x{typed}", "--as", "accepted", "--note", typed),
            ("resolve", "x", f"--as={typed}", "--note", typed),
            ("history", f"--incident={typed}"),
            ("history", "--verify", f"--expect-head={typed}"),
            ("simulate", f"--fault={typed}"),
            ("completion", f"x{typed}"),
        ):
            code, _, _ = shell.run(*words)
            assert 0 <= code <= 7, words
