"""Set everything up in ``.venv`` and run something there. Needs Python 3.11 with venv and nothing else.

usage: python3 bootstrap.py demo | test [pytest options] | check | bench | run COMMAND …
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
WHOLE_SUITE = ("--numprocesses=auto", "--dist=worksteal")
"""How all tests run where no option of pytest says otherwise: a process for each processor."""
USAGE = (__doc__ or "").strip().splitlines()[-1]


def main(arguments: list[str]) -> int:
    """Return the exit code of what was run; 2 when the words or this Python do not fit."""
    if sys.version_info < (3, 11):
        print(f"ncpconsole needs Python 3.11 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    match arguments:
        case ["demo", *rest]:
            kind, command = "run", [PYTHON, "-m", "ncpconsole", "demo", *rest]
        case ["test", *rest]:
            kind, command = "dev", [PYTHON, "-m", "pytest", *(rest or WHOLE_SUITE)]
        case ["check"]:
            install("dev")
            return checks()
        case ["bench", *rest]:
            kind, command = "bench", [PYTHON, "-m", "tools.benchmarks", *rest]
        case ["run", *rest] if rest:
            kind, command = "dev", [BIN / rest[0], *rest[1:]]
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    install(kind)
    return subprocess.run([str(word) for word in command], cwd=HERE, check=False).returncode


def install(kind: str) -> None:
    """Bring ``.venv`` to ``requirements/KIND.txt``, verified by hash; quick when nothing changed."""
    wanted = "".join(
        hashlib.sha256((HERE / name).read_bytes()).hexdigest()
        for name in (f"requirements/{kind}.txt", "pyproject.toml")
    )
    stamp = VENV / f"installed-{kind}"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        print("Creating .venv …", file=sys.stderr)
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False)
        if made.returncode:
            sys.exit("This Python has no venv module. On Debian or Ubuntu: apt install python3-venv")
    print("Installing into .venv (once) …", file=sys.stderr)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for words in (["--require-hashes", "-r", f"requirements/{kind}.txt"], ["--no-deps", "--editable", "."]):
        if subprocess.run([*pip, *words], cwd=HERE, check=False).returncode:
            sys.exit("The installation failed; the lines above say why.")
    stamp.write_text(wanted)


def checks() -> int:
    """Everything that is checked besides the tests; stops at the first failure."""
    for words in (["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"], ["lint-imports"]):
        print("+", *words, flush=True)
        code = subprocess.run([str(BIN / words[0]), *words[1:]], cwd=HERE, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
