"""Every command in the README and the documents is one: it is run, or read by the program's own parser.

Run, against a simulator started as docs/commands.md says: what stands in a ```console block behind ``$``, with its exit
code and the output that is shown (``…`` stands for anything). Read by the parser, with their options: every
``ncpconsole …`` elsewhere. They are not run where they ask for a terminal (the console, demo, login), serve for ever
(simulate), need root (team) or stand for a form, with words in capitals.
"""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from ncpconsole.cli import COMMANDS, root
from ncpconsole.cli.exit_codes import ExitCode
from tests.cli.operator import Operator
from tests.end_to_end.simulation import Simulation, separate_simulation
from tests.simulator.threaded import running_simulator
from tests.test_documents import PAGES, ROOT

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
PLACEHOLDERS = {
    "SERVER": "142300001",
    "SERVER_NO": "142300001",
    "ID": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "COMMAND": "doctor",
    "SHELL": "bash",
    "RULES": "2026-10",
    "FAULT": "help",
    "CODE": "recent",
    "HASH": "0" * 64,
}
"""What stands for a word in capitals where just any word would be refused."""
OTHERS = {
    *("pipx", "uv", "dbus-run-session"),  # not ours; the names of our packages in them are held below
    *("groupadd", "usermod", "apt"),  # the system's, as root
}
SENT = ("interrupt", "batch-00008", "--confirm", "batch-00008", "--incident", "INC-77")
"""What is on record when the commands of a page are run."""


def blocks(page: str, *kinds: str) -> list[str]:
    return [text for kind, text in FENCED.findall(PAGES[page]) if kind in kinds]


def shell_lines(page: str) -> list[str]:
    """The commands of blocks that are not run."""
    lines = "\n".join(blocks(page, "", "sh")).splitlines()
    return [line.strip().removeprefix("sudo ") for line in lines if line.strip() and not line.startswith("#")]


def inline(page: str) -> list[str]:
    return [text.replace("\\|", "|") for text in INLINE.findall(FENCED.sub("", PAGES[page]))]


def ours(page: str) -> list[str]:
    """Every ``ncpconsole …`` that is not run."""
    found = [line for line in (*shell_lines(page), *inline(page)) if line.split()[0] == "ncpconsole"]
    return [line for line in found if "…" not in line and not line.startswith("ncpconsole/")]


def parse(line: str) -> click.Context:
    """Read a command with the program's own parser, to the last word; nothing is called. Raises UsageError."""
    words = shlex.split(line.replace("[", "").replace("]", ""), comments=True)[1:]
    words = [PLACEHOLDERS.get(word, word) for word in words]
    if words in (["--help"], ["--version"]):
        words = []
    context = root.make_context("ncpconsole", words)
    while isinstance(context.command, click.Group) and (rest := [*context._protected_args, *context.args]):
        name, command, arguments = context.command.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(name, arguments, parent=context)
    return context


COMMANDS_READ = [(page, line) for page in PAGES for line in ours(page)]


@pytest.mark.parametrize(("page", "line"), COMMANDS_READ, ids=[f"{page}: {line}"[:80] for page, line in COMMANDS_READ])
def test_the_program_takes_it(page: str, line: str) -> None:
    is_mention = all(re.fullmatch("[a-z]+", word) for word in line.split())
    try:
        parse(line)
    except click.UsageError as error:
        if not (is_mention and isinstance(error, click.MissingParameter)):
            pytest.fail(f"{page}: {line}: {error.format_message()}")


def test_the_parser_refuses_what_is_none() -> None:
    for wrong in ("ncpconsole nonsense", "ncpconsole servers --nonsense", "ncpconsole config set protected"):
        with pytest.raises(click.UsageError):
            parse(wrong)


def every_option() -> set[str]:
    def of(command: click.Command) -> Iterator[str]:
        context = click.Context(command)
        for parameter in command.params:
            yield from (*parameter.opts, *parameter.secondary_opts)
        yield from command.get_help_option_names(context)
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                yield from of(command.get_command(context, name) or click.Command(""))

    return {"--help", *of(root)}


@pytest.mark.parametrize("page", PAGES)
def test_every_option_that_is_named_is_one(page: str) -> None:
    spans = [text for text in inline(page) if text.startswith("--") or text.split()[0] in COMMANDS]
    named = {word.split("=")[0] for text in spans for word in text.split() if word.startswith("--")}
    assert named - every_option() == set()


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_ours_is_known(page: str) -> None:
    for line in shell_lines(page):
        first, *rest = shlex.split(line, comments=True)
        if first == "ncpconsole":
            continue
        if first == "python3" and rest[0] == "bootstrap.py":
            usage = (ROOT / "bootstrap.py").read_text(encoding="utf-8").split('"""')[1]
            assert re.search(rf"\b{rest[1]}\b", usage), line
        else:
            assert first in OTHERS, f"{page}: {line}"
    makes = [text.split()[1] for text in (*inline(page), *shell_lines(page)) if re.fullmatch("make [a-z-]+", text)]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(makes) <= set(targets)


def test_what_is_installed_is_this_project() -> None:
    name = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    installed = [line.split() for line in shell_lines("README.md") if " install " in line]
    assert [words[-1] for words in installed] == [name, name]
    assert [words[:-1] for words in installed] == [["pipx", "install"], ["uv", "tool", "install"]]


@contextmanager
def documented_simulation() -> Iterator[Simulation]:
    """A simulator as docs/commands.md starts it, but on a free port."""
    (line,) = (line for line in shell_lines("docs/commands.md") if line.startswith("ncpconsole simulate"))
    _, _, port, _, *options = shlex.split(line)
    assert port == "--port"
    with separate_simulation(*options, agents=True) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "console")])
def test_it_does_what_is_shown(page: str) -> None:
    """Each page in a home of its own, where one interrupt is on record but for the page that sends it."""
    with documented_simulation() as gateway:
        if page != "docs/commands.md":
            assert gateway.console(*SENT).returncode == 0
        for step in re.split(r"^\$ ", "\n".join(blocks(page, "console")), flags=re.MULTILINE)[1:]:
            typed, _, shown = step.partition("\n")
            command, _, comment = typed.partition(" #")
            expected = int(found[1]) if (found := re.search(r"exits with (\d+)", comment)) else 0
            first, *words = shlex.split(command)
            assert first == "ncpconsole"
            ran = gateway.console(*words)
            assert ran.returncode == expected, f"{page}: {typed}\n{ran.stdout}{ran.stderr}"
            output = [line.strip() for line in (ran.stdout + ran.stderr).splitlines()]
            for wanted in shown.strip().splitlines():
                pattern = ".*".join(map(re.escape, re.split(r"\s*…\s*", wanted)))
                assert any(re.fullmatch(pattern, line) for line in output), f"{page}: {typed}: {wanted}: {output}"


@pytest.mark.slow
def test_the_fault_that_is_said_to_reject_the_interrupt_does(tmp_path: Path) -> None:
    page = " ".join((ROOT / "docs" / "commands.md").read_text(encoding="utf-8").split())
    fault = re.search(r"--fault (\S+)` lists as ever and rejects the interrupt", page)
    assert fault is not None
    with running_simulator(servers=8, faults=[fault[1]]) as gateway:
        keys = {"NCLOUD_ACCESS_KEY": gateway.access_key, "NCLOUD_SECRET_KEY": gateway.secret_key}
        own = {"NCLOUD_API_GW": gateway.url, "NCPCONSOLE_STATE_DIR": str(tmp_path)}
        operator = Operator(dict(os.environ) | own | keys)
        assert operator.run("servers").code == ExitCode.DONE
        assert operator.run("interrupt", "142300001", "--confirm", "web-00001").code == ExitCode.REJECTED
