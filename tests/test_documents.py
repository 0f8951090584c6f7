"""What the README and the documents promise is what there is."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from ncpconsole.cli import COMMANDS, root
from ncpconsole.cli.exit_codes import BY_SIGNAL, MEANINGS, ExitCode
from ncpconsole.config.registry import SETTINGS
from ncpconsole.config.settings_parser import parse_settings
from ncpconsole.config.settings_reader import SYSTEM_FILE
from ncpconsole.config.variables import ACCOUNT, EVERY, PLACES, PROFILES, VARIABLES
from tools.documents import MANUAL, TABLES, drawn, manual

ROOT = Path(__file__).parent.parent
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")))
}
README = PAGES["README.md"]


def between(page: str, mark: str) -> str:
    """What stands between the marks of a drawn table."""
    return PAGES[page].split(f"<!-- {mark}: begin", 1)[1].split("\n", 1)[1].split(f"<!-- {mark}: end", 1)[0].strip()


@pytest.mark.parametrize(("page", "mark", "table"), TABLES, ids=[mark for _, mark, _ in TABLES])
def test_a_table_is_drawn_from_the_registry_as_it_is(page: str, mark: str, table: Callable[[], str]) -> None:
    assert between(f"docs/{page}", mark) == table().strip(), "run 'make documents'"
    other = drawn(PAGES[f"docs/{page}"], mark, "| another |")
    assert f"\n| another |\n<!-- {mark}: end" in other
    assert drawn(other, mark, table()) == PAGES[f"docs/{page}"]


def test_who_reads_a_setting_is_said_as_the_options_have_it() -> None:
    page = PAGES["docs/configuration.md"]

    def taking(option: str) -> set[str]:
        commands = {name: root.get_command(click.Context(root), name) for name in COMMANDS}
        return {
            name for name, each in commands.items() if each and option in {opt for p in each.params for opt in p.opts}
        }

    with_account = taking("--region") - {"demo"}
    said = re.search(r"^Commands with an account: (.+)\.\nCommands with a profile: those, (.+)\.$", page, re.MULTILINE)
    assert said
    assert set(said[1].split(", ")) == with_account | {"the console"}
    # history chooses records by it, and opens no profile.
    assert set(said[2].split(", ")) == taking("--profile") - with_account - {"history"}
    readers = {each.readers.removeprefix(PLACES) for each in (*SETTINGS, *VARIABLES)}
    words = {word for reader in readers for word in reader.split(", ")} - {ACCOUNT, PROFILES, EVERY, "", "the console"}
    assert words <= set(COMMANDS)


def test_the_exit_codes_are_the_program_s() -> None:
    said = [(str(int(code)), meaning) for code, meaning in MEANINGS.items()]
    assert list(ExitCode) == list(MEANINGS)
    assert rows(PAGES["docs/commands.md"].split("## Exit codes")[1]) == [list(pair) for pair in (*said, BY_SIGNAL)]
    in_readme = {cells[i]: cells[i + 1] for cells in rows(README.split("## Exit codes")[1]) for i in (0, 2)}
    assert in_readme == dict(said)


def rows(text: str) -> list[list[str]]:
    """The cells of the first table's rows, without its head."""
    lines = text.strip().splitlines()
    table = lines[: next((i for i, line in enumerate(lines) if not line.startswith("|")), len(lines))]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table][2:]


def test_the_manual_page_is_made_from_the_program_as_it_is() -> None:
    assert MANUAL.read_text(encoding="utf-8") == manual(), "run 'make documents'"
    requests = {line.split()[0] for line in manual().splitlines() if line.startswith((".", "'"))}
    assert requests == {".TH", ".SH", ".SS", ".TP", ".B", ".PP"}


def test_every_example_of_a_settings_file_is_understood() -> None:
    examples = [
        block for page in PAGES.values() for block in re.findall(r"^```toml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    ]
    assert len(examples) >= 3
    assert [parse_settings(SYSTEM_FILE, example).notes for example in examples] == [()] * len(examples)


def test_the_readme_is_one_page_whose_first_commands_are_the_demo_and_the_test_that_ci_runs() -> None:
    assert len(README.splitlines()) <= 130
    demo, test = re.findall(r"^```\n(.+)\n```", README, re.MULTILINE)[:2]
    assert demo == "python3 bootstrap.py demo"
    assert test in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert re.search(r"!\[[^]]+\]\(screenshots/", README[: README.index(demo)])


def test_the_korean_readme_has_what_the_english_one_has() -> None:
    """The same commands, links, tables and codes, in their order."""
    korean = PAGES["README.ko.md"]
    assert len(korean.splitlines()) <= 140
    for pattern in (r"^```\n(.*?)^```", r"\]\((docs/[^)]*|[A-Z]+(?:\.md)?)\)", r"`(ncpconsole [a-z-]+[^`]*)`"):
        found = [re.findall(pattern, page, re.DOTALL | re.MULTILINE) for page in (README, korean)]
        english, theirs = ([re.sub(r" +#.*", "", each) for each in one] for one in found)
        assert sorted({*theirs} - {"README.md"}) == sorted({*english}), pattern
    tables = [[line.count("|") for line in page.splitlines() if line.startswith("|")] for page in (README, korean)]
    assert tables[0] == tables[1]
    codes = [re.findall(r"\| (\d) \|", page) for page in (README, korean)]
    assert codes[0] == codes[1]


def test_every_command_is_on_the_page_of_commands() -> None:
    assert {name for name in COMMANDS if name not in PAGES["docs/commands.md"]} == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_and_a_heading_of_it(page: str) -> None:
    for target, heading in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", PAGES[page]):
        if target.startswith("https://"):
            continue
        found = (ROOT / page).parent / target if target else ROOT / page
        assert found.exists(), f"{page}: {target}"
        if heading:
            lines = found.read_text(encoding="utf-8").splitlines()
            assert heading in {anchor(line) for line in lines if line.startswith("#")}, f"{page}: {target}#{heading}"


def anchor(line: str) -> str:
    """How a heading is linked to."""
    return re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()).replace(" ", "-")


def sentences() -> list[str]:
    """Every text in the program's source; where a value is put in, a line end."""
    found = []
    for path in (ROOT / "ncpconsole").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append(
                    "".join(str(part.value) if isinstance(part, ast.Constant) else "\n" for part in node.values)
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return found


def test_what_you_see_is_what_the_program_says() -> None:
    """The sentences that the page on trouble quotes, without what stands for a value."""
    rows = re.findall(r"^\| ([^|]*\"[^|]*) \|", PAGES["docs/troubleshooting.md"], re.MULTILINE)
    quoted = [quote for row in rows for quote in re.findall('"([^"]+)"', row)]
    assert len(quoted) > 5
    said = [text.lower() for text in sentences()]
    for quote in quoted:
        for piece in filter(None, (part.strip().lower() for part in quote.split("…"))):
            assert any(piece in text for text in said), f"nothing says {piece!r}"


def test_every_document_is_linked_from_the_readme_or_for_developers_from_contributing() -> None:
    linked = README + PAGES["CONTRIBUTING.md"]
    assert {page for page in PAGES if page.startswith("docs/") and f"({page})" not in linked} == set()


def test_every_promise_names_tests_that_exist() -> None:
    rows = [line for line in between("docs/promises.md", "promises").splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`(tests/\S+\.py)::(test_\w+)`", row)
        assert named, row
        for path, test in named:
            source = (ROOT / path).read_text(encoding="utf-8")
            assert re.search(rf"^(?:async )?def {test}\(", source, re.MULTILINE), f"{path}::{test}"


def test_measured_figures_are_drawn_between_their_marks_on_the_page_of_speed() -> None:
    from tools.benchmarks.__main__ import BEGIN, END, PAGE, drawn_into  # needs a terminal of POSIX
    from tools.benchmarks.harness import Figure

    page = PAGE.read_text(encoding="utf-8")
    figure = Figure("a figure of this test", 1.0, "×", bar=2.0)
    new = drawn_into(page, [figure], {"date": "2026-01-02", "system": "none"})
    assert new.split(BEGIN)[0] == page.split(BEGIN)[0]
    assert new.split(END)[1] == page.split(END)[1]
    assert "a figure of this test" in new
    assert "Measured on 2026-01-02: system none." in new
