"""What cannot run here is checked as far as it can be: the workflows, the forms, the metadata of what is published."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from email import message_from_string
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tools.project_urls import project_urls
from tools.versions import RESOLUTIONS

ROOT = Path(__file__).parent.parent
NAMES = {"ko": "Korean"}
"""Languages by their codes, as classifiers call them."""
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
SCHEMAS = {
    "vendor.github-workflows": WORKFLOWS,
    "custom.github-workflows-require-timeout": WORKFLOWS,
    "vendor.dependabot": [GITHUB / "dependabot.yml"],
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.github-issue-forms": sorted(
        set((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) - {GITHUB / "ISSUE_TEMPLATE" / "config.yml"}
    ),
}
GATE = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
HELD_ELSEWHERE = {
    "python3 bootstrap.py run python -m tools.versions newest": "it changes; its word is checked below",
    "python3 bootstrap.py run python -m tools.single_file --output dist": "tests/test_single_file.py builds it",
    "python3 bootstrap.py run hatchling build": "built below",
    'test "$GITHUB_REF_NAME" = "v$(python3 bootstrap.py run hatchling version)"': "the version is asked for below",
}
"""Commands of the workflows that .ci/run does not run, and what holds them instead."""
OF_GITHUB = ("gh release create ",)
"""Commands that exist on GitHub alone; bash reads them here, and does not run them."""


def loaded(path: Path) -> Any:
    from ruamel.yaml import YAML  # not at the top: a .venv of before has none, and must still collect the tests

    return YAML(typ="safe").load(path)


def test_everything_is_looked_at() -> None:
    checked = {path for paths in SCHEMAS.values() for path in paths}
    assert checked == set(GITHUB.rglob("*.yml"))


@pytest.mark.parametrize("schema", SCHEMAS)
def test_workflows_and_forms_are_what_their_schema_says(schema: str) -> None:
    command = [str(Path(sys.executable).with_name("check-jsonschema")), "--builtin-schema", schema]
    ran = subprocess.run([*command, *map(str, SCHEMAS[schema])], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def commands(workflow: Path) -> list[str]:
    """Every command line of a workflow, once for each value of its matrix that stands in it."""
    found = []
    for job in loaded(workflow)["jobs"].values():
        matrix = job.get("strategy", {}).get("matrix", {})
        for line in (line for step in job["steps"] for line in step.get("run", "").splitlines()):
            named = re.findall(r"\$\{\{ matrix\.(\w+) \}\}", line)
            lines = [line]
            for name in named:
                lines = [
                    each.replace(f"${{{{ matrix.{name} }}}}", str(value)) for each in lines for value in matrix[name]
                ]
            found += lines
    return found


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_the_commands_are_those_that_the_gate_runs(workflow: Path) -> None:
    for line in commands(workflow):
        assert subprocess.run(["bash", "-n", "-c", line], check=False).returncode == 0, line
        if line == "bash .ci/run" or line in GATE or line in HELD_ELSEWHERE or line.startswith(OF_GITHUB):
            continue
        whole, _, marks = line.partition(" --numprocesses=auto --dist=worksteal -m ")
        assert whole in GATE, line
        known = {mark.partition(":")[0] for mark in pyproject()["tool"]["pytest"]["ini_options"]["markers"]}
        assert set(re.findall(r"\w+", marks)) - {"not", "and"} <= known


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_nothing_is_excused_that_no_workflow_runs() -> None:
    assert set(HELD_ELSEWHERE) <= {line for workflow in WORKFLOWS for line in commands(workflow)}
    assert set(RESOLUTIONS) == {"lowest", "newest"}


def test_a_workflow_may_only_read_and_keeps_no_password_unless_it_says_so() -> None:
    for workflow in WORKFLOWS:
        assert loaded(workflow)["permissions"] == {"contents": "read"}
        for job in loaded(workflow)["jobs"].values():
            for step in job["steps"]:
                if step.get("uses", "").startswith("actions/checkout@"):
                    assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_the_commit_that_was_looked_at(workflow: Path) -> None:
    """A tag can be moved to other code, which would build and publish with our rights. Dependabot renews both."""
    named = [line.strip() for line in workflow.read_text().splitlines() if "uses:" in line]
    assert named
    for line in named:
        assert re.fullmatch(r"- uses: [a-z-]+/[a-z-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line), line


def test_the_tests_run_on_every_python_and_system() -> None:
    matrix = loaded(GITHUB / "workflows" / "tests.yml")["jobs"]["everywhere"]["strategy"]["matrix"]
    assert matrix == {
        "system": ["ubuntu-latest", "macos-latest", "windows-latest"],
        "python": ["3.11", "3.12", "3.13", "3.14"],
    }


def test_the_forms_ask_for_what_the_doctor_says() -> None:
    for form in SCHEMAS["vendor.github-issue-forms"]:
        asked = " ".join(str(each["attributes"]) for each in loaded(form)["body"])
        assert "ncpconsole doctor --json" in asked


def test_the_hooks_call_the_projects_own_commands() -> None:
    repos = loaded(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    for hook in repos[0]["hooks"]:
        assert hook["language"] == "system"
        python, bootstrap, word, *rest = hook["entry"].split()
        assert (python, bootstrap) == ("python3", "bootstrap.py")
        assert word == "check" or (word == "run" and Path(sys.executable).with_name(rest[0]).exists())


def test_the_languages_it_speaks_are_published() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    published = {word.rpartition(" ")[2] for word in project["classifiers"] if word.startswith("Natural Language ::")}
    assert published == {"English", *(NAMES[path.name] for path in (ROOT / "ncpconsole" / "locale").iterdir())}


def test_what_no_workflow_builds_names_no_address() -> None:
    assert project_urls({}) == {}


def test_every_page_of_the_project_that_is_published_is_there() -> None:
    urls = project_urls({"GITHUB_SERVER_URL": "https://git.example", "GITHUB_REPOSITORY": "owner/name"})
    pages = [url.partition("/HEAD/")[2] for url in urls.values() if "/HEAD/" in url]
    assert len(pages) == 2
    assert all((ROOT / page).exists() for page in pages)


@pytest.mark.slow
def test_what_is_published_names_no_tool_of_the_developers(tmp_path: Path) -> None:
    hatchling = str(Path(sys.executable).with_name("hatchling"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "project_urls.py", tmp_path / "tools")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copytree(ROOT / "ncpconsole", tmp_path / "ncpconsole", ignore=shutil.ignore_patterns("__pycache__"))
    workflow = {"GITHUB_SERVER_URL": "https://git.example", "GITHUB_REPOSITORY": "owner/name", "GITHUB_REF_NAME": "v9"}
    subprocess.run([hatchling, "build"], cwd=tmp_path, env=os.environ | workflow, capture_output=True, check=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    version = subprocess.run(
        [hatchling, "version"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout.strip()
    assert wheel.name == f"ncpconsole-{version}-py3-none-any.whl"
    with ZipFile(wheel) as opened:
        names = opened.namelist()
        (described,) = [name for name in names if name.endswith("METADATA")]
        metadata = message_from_string(opened.read(described).decode())
    assert {name.split("/")[0].split("-")[0] for name in names} == {"ncpconsole"}
    assert any(name.endswith("/share/man/man1/ncpconsole.1") for name in names)
    extras = set(metadata.get_all("Provides-Extra") or ())
    assert extras == set(pyproject()["project"].get("optional-dependencies", {}))
    assert not extras & {"dev", "bench"}
    assert not [line for line in metadata.get_all("Requires-Dist") or () if "pytest" in line]
    assert metadata["Keywords"]
    assert {
        "Source, https://git.example/owner/name",
        "Issues, https://git.example/owner/name/issues",
        "Changelog, https://git.example/owner/name/blob/v9/CHANGELOG.md",
    } <= set(metadata.get_all("Project-URL") or ())
    assert "Typing :: Typed" in (metadata.get_all("Classifier") or ())
