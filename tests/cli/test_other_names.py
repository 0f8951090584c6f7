"""The commands know the other servers' names as the list does: equal ones, alike ones, and those not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from ncpconsole.cli import root
from tests.end_to_end.simulation import Simulation, simulation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

EVERYWHERE, HERE = ("--region", "all"), ()
SAME, ALIKE = "the same name", "a name that looks like this one"
NAMED = [
    (EVERYWHERE, "142300003", "ad-00003", SAME),
    (HERE, "142300020", "erp-00020", SAME),
    (HERE, "142300080", "\u0430d-00018", ALIKE),  # CYRILLIC SMALL LETTER A
    (HERE, "142300018", "ad-00018", ALIKE),
]


@pytest.fixture(scope="module")
def gateway() -> Iterator[Simulation]:
    with simulation("--servers", "128") as running:
        yield running


def run(gateway: Simulation, *words: str) -> Result:
    return CliRunner().invoke(root, words, env=gateway.environment)


@pytest.mark.parametrize(("where", "number", "name", "caution"), NAMED)
def test_interrupt_asks_for_the_number_where_a_name_is_not_one_servers_own(
    gateway: Simulation, where: tuple[str, ...], number: str, name: str, caution: str
) -> None:
    by_name = run(gateway, *where, "interrupt", number, "--confirm", name, "--dry-run")
    assert by_name.exit_code == 3, by_name.output
    assert "Type the server number exactly" in by_name.stderr
    assert caution in by_name.stderr
    code = "same-name" if "same name" in caution else "look-alike"
    words = (*where, "interrupt", number, "--confirm", number, "--dry-run")
    by_number = run(gateway, *words)
    assert by_number.exit_code == 3, by_number.output
    assert f"--despite {code}" in by_number.stderr
    agreed = run(gateway, *words, "--despite", code)
    assert agreed.exit_code == 0, agreed.output
    assert caution in agreed.stderr


@pytest.mark.parametrize(("where", "number", "name", "caution"), NAMED)
def test_show_says_the_same_cautions_as_the_list(
    gateway: Simulation, where: tuple[str, ...], number: str, name: str, caution: str
) -> None:
    shown = run(gateway, *where, "show", number)
    assert shown.exit_code == 0
    assert f"Name: {name}" in shown.stdout
    (said,) = [line for line in shown.stdout.splitlines() if line.startswith("Caution: ")]
    assert caution in said


@pytest.mark.parametrize("fault", ["list:error-400", "list:short-pages=10"])
def test_a_list_that_cannot_be_read_is_a_caution_and_no_block(fault: str) -> None:
    with simulation("--servers", "64", "--fault", fault) as gateway:
        shown = run(gateway, "show", "142300012")
        by_name, by_number = [
            run(gateway, "interrupt", "142300012", "--confirm", typed, "--despite", "list-incomplete", "--dry-run")
            for typed in ("web-00012", "142300012")
        ]
    for ran, code, told in ((shown, 0, shown.stdout), (by_name, 3, by_name.stderr)):
        assert ran.exit_code == code, ran.output
        assert "The servers of KR could not all be listed" in told
    assert by_number.exit_code == 0, by_number.output


@pytest.mark.parametrize(("where", "lists"), [(HERE, 1), (EVERYWHERE, 3)])
def test_each_region_is_listed_once(where: tuple[str, ...], lists: int) -> None:
    """And an interrupt looks its own name up once more, when the record is read again."""
    counted: dict[str, Any] = {}
    with simulation("--servers", "64") as gateway:
        for words in (("show", "142300012"), ("interrupt", "142300012", "--dry-run")):
            before = gateway.counts()["by_operation"].get("list", 0)
            run(gateway, *where, *words)
            counted[words[0]] = gateway.counts()["by_operation"].get("list", 0) - before
    assert counted == {"show": lists, "interrupt": lists + 1}
