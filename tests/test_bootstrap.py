"""bootstrap.py says its sentence on an older Python, and a remedy that fits; nothing unverified is installed."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parents[1]
BOOTSTRAP = ROOT / "bootstrap.py"
OLD_PYTHONS = [(3, minor) for minor in range(6, 11)]


@pytest.mark.parametrize("version", OLD_PYTHONS, ids=str)
def test_an_older_python_can_read_it(version: tuple[int, int]) -> None:
    tree = ast.parse(BOOTSTRAP.read_text(encoding="utf-8"), feature_version=version)
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "__future__" not in imported  # annotations are evaluated on the oldest, or it ends in a SyntaxError there
    assert not any(isinstance(node, ast.Subscript) for node in annotation_nodes(tree))


def annotation_nodes(tree: ast.AST) -> list[ast.AST]:
    """Every annotation of a function; ``list[str]`` is an error before Python 3.9."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    found = [each.annotation for function in functions for each in function.args.args] + [f.returns for f in functions]
    return [part for each in found if each is not None for part in ast.walk(each)]


@pytest.mark.parametrize("version", OLD_PYTHONS, ids=str)
def test_an_older_python_says_what_it_needs(version: tuple[int, int]) -> None:
    real = shutil.which(f"python{version[0]}.{version[1]}")
    pretend = f"import runpy, sys; sys.version_info = ({version[0]}, {version[1]}, 9); sys.version = '3.x (old)'"
    for command in (
        [real, str(BOOTSTRAP)],
        [sys.executable, "-c", f"{pretend}; runpy.run_path({str(BOOTSTRAP)!r}, run_name='__main__')"],
    ):
        if command[0] is None or subprocess.run([command[0], "-c", ""], capture_output=True, check=False).returncode:
            continue  # only where this machine has it
        ran = subprocess.run([*command, "demo"], capture_output=True, text=True, check=False, timeout=60)
        assert (ran.returncode, ran.stdout) == (2, "")
        assert ran.stderr.startswith("ncpconsole needs Python 3.11 or newer; this is 3.")
        assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [(), ("nonsense",), ("run",), ("check", "more")])
def test_other_words_get_the_usage(words: tuple[str, ...]) -> None:
    ran = subprocess.run(
        [sys.executable, str(BOOTSTRAP), *words], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith("usage: python3 bootstrap.py demo")


def test_a_folder_that_cannot_be_written_is_named() -> None:
    with TemporaryDirectory() as folder:
        for name in ("bootstrap.py", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
        shutil.copytree(ROOT / "requirements", Path(folder) / "requirements")
        Path(folder).chmod(0o755)
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        ran = subprocess.run(
            [*nobody, sys.executable, "bootstrap.py", "demo"],
            cwd=folder,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert ran.returncode == 1
    assert f"{Path(folder).resolve()} cannot be written. Copy" in ran.stderr
    assert "apt install" not in ran.stderr


def test_what_it_starts_keeps_what_was_compiled(tmp_path: Path) -> None:
    """Also where the caller's shell says otherwise: hundreds of programs would each compile the whole console."""
    names = ("requirements/build.txt", "requirements/dev.txt", "pyproject.toml")
    (tmp_path / "requirements").mkdir()
    for name in ("bootstrap.py", *names):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    wanted = "".join(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in names)
    (tmp_path / ".venv" / "installed-dev").write_text(wanted)
    ran = subprocess.run(
        [sys.executable, "bootstrap.py", "run", "python", "-c", "import sys; print(sys.dont_write_bytecode)"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.stdout, ran.stderr) == ("False\n", "")


def test_what_builds_the_project_is_pinned_and_verified() -> None:
    pinned = (ROOT / "requirements" / "build.txt").read_text(encoding="utf-8")
    versions = dict(re.findall(r"^([a-z-]+)==(\S+) ", pinned, re.MULTILINE))
    (required,) = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    assert required == f"hatchling=={versions['hatchling']}"
    assert "editables" in versions
    for block in re.split(r"^(?=\S)", pinned, flags=re.MULTILINE)[1:]:
        assert "--hash=sha256:" in block
    for line in BOOTSTRAP.read_text(encoding="utf-8").splitlines():
        if '"--editable"' in line:
            assert '"--no-build-isolation"' in line  # or pip would fetch a back-end that nothing verified
