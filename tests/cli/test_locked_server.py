"""What the commands say of a server whose interrupt has an unknown outcome, and once that is resolved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from click.testing import CliRunner

from ncpconsole.cli import root
from tests.end_to_end.simulation import simulation

if TYPE_CHECKING:
    from pathlib import Path

NUMBER = "142300020"
"""Another server has the same name: a caution that stays whatever becomes of the interrupt."""


def test_a_lock_is_said_once_and_its_resolution_stands_in_its_place(tmp_path: Path) -> None:
    with simulation("--servers", "128", "--fault", "once:interrupt:server-error-after") as gateway:
        environment = gateway.environment | {"NCPCONSOLE_STATE_DIR": str(tmp_path / "state")}

        def run(*words: str, ends_with: int) -> str:
            ran = CliRunner().invoke(root, words, env=environment)
            assert ran.exit_code == ends_with, ran.output
            return ran.stdout

        first = json.loads(
            run("interrupt", NUMBER, "--confirm", NUMBER, "--despite", "same-name", "--json", ends_with=6)
        )
        said = json.loads(run("interrupt", NUMBER, "--confirm", NUMBER, "--json", ends_with=3))["message"]
        command = f"ncpconsole resolve {first['journalId']} --as accepted|not-received --note TEXT"
        assert said.count(command) == 1
        assert said.count("unknown") == 1, said
        assert "the same name" in said
        assert "Type " not in said

        run("resolve", first["journalId"], "--as", "accepted", "--note", "blue screen", ends_with=0)
        said = json.loads(run("interrupt", NUMBER, "--confirm", "x", "--json", ends_with=3))["message"]
        assert f"Type the server number exactly ({NUMBER})." in said
        assert "was accepted: another one within 30 minutes" in said
        assert said.endswith(": unknown, resolved as accepted: blue screen"), said
        assert gateway.interrupts == 1
