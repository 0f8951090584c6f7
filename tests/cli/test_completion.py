"""What a shell completes: words of this machine, looked up without key or network, and nothing written."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from ncpconsole.cli.completion import completed, is_plain
from ncpconsole.cli.exit_codes import BY_SIGNAL, MEANINGS
from ncpconsole.config.paths import console_paths
from ncpconsole.core.journal.journal import Journal
from ncpconsole.core.records import Subject
from tests.core.fakes import ALICE, a_draft
from tests.end_to_end.terminal import CONSOLE

if TYPE_CHECKING:
    from collections.abc import Sequence


def completions(shell: str, words: Sequence[str], typed: str) -> list[str]:
    """What the program answers to a shell that completes ``typed`` behind ``words``."""
    line = ["ncpconsole", *words, *([typed] if typed else [])]
    asked = {
        "bash": {"COMP_WORDS": " ".join(line), "COMP_CWORD": str(len(words) + 1)},
        "powershell": {"COMP_WORDS": "\n".join(line), "COMP_CWORD": typed},
    }[shell]
    environment = dict(os.environ) | asked | {"_NCPCONSOLE_COMPLETE": f"{shell}_complete"}
    done = subprocess.run([CONSOLE], env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    return [line.removeprefix("plain,").partition("\t")[0] for line in done.stdout.splitlines()]


@pytest.fixture
def kept() -> None:
    """Settings with two profiles, and a record with incidents, one of them hostile."""
    paths = console_paths()
    paths.config_file.parent.mkdir(parents=True)
    paths.config_file.write_text('[profiles.prod]\nsite = "public"\n[profiles.stage]\nsite = "public"\n')
    with Journal.open(paths.journal, ALICE) as journal:
        for number, incident in (("301", "INC-7"), ("302", "INC-$(reboot)"), ("303", "OPS-1")):
            journal.claim(a_draft(server_no=number, incident=incident))
        journal.add_note("the rack was moved", Subject(incident="INC-9"))


@pytest.mark.slow
@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("shell", ["bash", "powershell"])
def test_profiles_regions_incidents_and_faults_are_completed(shell: str) -> None:
    assert completions(shell, ["servers", "--profile"], "s") == ["stage"]
    assert completions(shell, ["servers", "--region"], "") == ["KR", "SGN", "JPN", "KRS", "FKR", "all"]
    assert completions(shell, ["handover"], "INC") == ["INC-7", "INC-9"]
    assert completions(shell, ["history", "--incident"], "OPS") == ["OPS-1"]
    assert "hang" in completions(shell, ["simulate", "--fault"], "ha")
    assert completions(shell, ["servers", "--rules"], "x") == ["xen-windows"]
    assert completions(shell, [], "hist") == ["history"]


@pytest.mark.usefixtures("kept")
def test_to_complete_writes_nothing() -> None:
    state = console_paths().journal.parent
    before = {path.name: path.read_bytes() for path in state.iterdir() if path.is_file()}
    assert completed("incident", "INC") == ["INC-7", "INC-9"]
    after = {path.name: path.read_bytes() for path in state.iterdir() if path.is_file() and path.suffix == ".db"}
    assert after.items() <= before.items()


def test_where_nothing_is_kept_nothing_is_completed() -> None:
    assert completed("incident", "") == []
    assert completed("profile", "") == []
    assert not console_paths().journal.exists()


@pytest.mark.parametrize("word", ["a b", "$(x)", "`x`", "a;b", "\x1b[31m", "결\u202e제", "x\n"])
def test_what_a_shell_would_obey_is_not_offered(word: str) -> None:
    assert not is_plain(word)


def printed(*words: str) -> str:
    done = subprocess.run([CONSOLE, *words], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0
    return done.stdout


def test_powershell_gets_a_script_for_this_command() -> None:
    script = printed("completion", "powershell")
    assert script.startswith("Register-ArgumentCompleter -Native -CommandName ncpconsole ")
    assert "powershell_complete" in script


def test_help_tells_the_exit_codes_and_v_is_the_version() -> None:
    told = printed("--help").partition("Exit codes:")[2]
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    assert [line.split("  ")[0] for line in lines] == [*(str(int(code)) for code in MEANINGS), BY_SIGNAL[0]]
    assert [line.split("  ")[-1] for line in lines] == [*MEANINGS.values(), BY_SIGNAL[1]]
    assert printed("-V") == printed("--version")
