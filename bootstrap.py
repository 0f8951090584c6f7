"""Set everything up in ``.venv`` and run something there. Needs Python 3.11 with venv and nothing else.

usage: python3 bootstrap.py demo | test [pytest options] | check | bench | run COMMAND …
"""

# Written so that Python 3.6 can read it: an older Python is to say its sentence, and not a SyntaxError.

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
WHOLE_SUITE = ["--numprocesses=auto", "--dist=worksteal"]
"""How all tests run where no option of pytest says otherwise: two processes for each processor."""
SYSTEMS = ["darwin", "win32"]
ROOM = 400 * 1000 * 1000
"""Bytes that ``.venv`` takes at most."""
USAGE = (__doc__ or "").strip().splitlines()[-1]


def main(arguments: list) -> int:
    """Return the exit code of what was run; 2 when the words or this Python do not fit."""
    if sys.version_info < (3, 11):
        print(f"ncpconsole needs Python 3.11 or newer; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    word, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if word == "check" and not rest:
        install("dev")
        return checks()
    kind, command = {
        "demo": ("run", [PYTHON, "-m", "ncpconsole", "demo"]),
        "test": ("dev", [PYTHON, "-m", "pytest"] + ([] if rest else WHOLE_SUITE)),
        "bench": ("bench", [PYTHON, "-m", "tools.benchmarks"]),
        "run": ("dev", [BIN / rest.pop(0)] if word == "run" and rest else []),
    }.get(word, ("", []))
    if not command:
        print(USAGE, file=sys.stderr)
        return 2
    install(kind)
    # The tests start hundreds of programs, and each would compile all of this project anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run([str(part) for part in command + rest], cwd=str(HERE), check=False).returncode


def install(kind: str) -> None:
    """Bring ``.venv`` to ``requirements/KIND.txt``, verified by hash; quick when nothing changed.

    What builds this project is pinned and verified as the rest is, in ``requirements/build.txt``: it is
    installed first, and pip fetches nothing by itself.
    """
    needed = ["requirements/build.txt", f"requirements/{kind}.txt", "pyproject.toml"]
    wanted = "".join(hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in needed)
    stamp = VENV / f"installed-{kind}"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        print("Creating .venv …", file=sys.stderr)
        if find_spec("ensurepip") is None or find_spec("venv") is None:
            sys.exit("This Python has no venv module. On Debian or Ubuntu: apt install python3-venv")
        if not os.access(str(HERE), os.W_OK | os.X_OK):
            sys.exit(remedy("Nothing was installed"))
        if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode:
            sys.exit(remedy("The virtual environment could not be created"))
    print("Installing into .venv (once) …", file=sys.stderr)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for words in (
        ["--require-hashes", "-r", needed[0], "-r", needed[1]],
        ["--no-deps", "--no-build-isolation", "--editable", "."],
    ):
        if subprocess.run(pip + words, cwd=str(HERE), check=False).returncode:
            sys.exit(remedy("The installation failed"))
    stamp.write_text(wanted)


def remedy(what: str) -> str:
    """What failed, and what to do about it, as far as that can be seen from here."""
    place = VENV if VENV.exists() else HERE
    if not os.access(str(place), os.W_OK | os.X_OK):
        return f"{what}: {place} cannot be written. Copy {HERE} to a folder of yours and run this there."
    if shutil.disk_usage(str(HERE)).free < ROOM:
        return f"{what}: the disk of {HERE} is full. Make room for {ROOM // 1000000} MB."
    return f"{what}; the lines above say why. Where a half-made {VENV} is to blame, remove it and run this again."


def checks() -> int:
    """Everything that is checked besides the tests; stops at the first failure."""
    # What is installed is used on other systems too: their names are missing there, and the type checker knows them.
    elsewhere = [["mypy", "--platform", name, "--cache-dir", f".mypy_cache/{name}", "ncpconsole"] for name in SYSTEMS]
    for words in (["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"], *elsewhere, ["lint-imports"]):
        print("+", *words, flush=True)
        code = subprocess.run([str(BIN / words[0]), *words[1:]], cwd=str(HERE), check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
