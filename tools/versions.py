"""Tries the lowest or the newest versions that pyproject.toml allows: some tests, in an environment of its own.

The tests' own tools are those of ``requirements/dev.txt``. Needs uv, as ``make requirements`` does.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
RESOLUTIONS = {"lowest": "lowest-direct", "newest": "highest"}
"""What uv calls them."""
TOOLS = {
    *(
        "babel",
        "cryptography",
        "freezegun",
        "hypothesis",
        "keyrings-alt",
        "pexpect",
        "pyte",
        "pytest",
        "pytest-asyncio",
    ),
    *("pytest-textual-snapshot", "pytest-xdist", "syrupy"),
}
TESTS = (
    "tests/config/test_paths.py",  # platformdirs
    "tests/config/test_profiles.py",
    "tests/config/test_settings.py",  # msgspec
    "tests/config/test_settings_writer.py",  # tomlkit, filelock
    "tests/cli/test_options.py",  # click
    "tests/cli/test_usage_errors.py",
    "tests/cli/test_config.py",
    "tests/cli/test_plain_commands.py",
    "tests/ncp/test_client.py",  # httpx, stamina, truststore
    "tests/ncp/test_decode.py",  # msgspec, defusedxml
    "tests/simulator/test_listing.py",  # h11
    "tests/core/test_journal.py",  # python-ulid
)
"""For each dependency the tests that failed, or would fail, with a version that is too low."""


def pinned_tools() -> list[str]:
    """The tests' tools, each as it is pinned."""
    lines = (ROOT / "requirements" / "dev.txt").read_text("utf-8").splitlines()
    pins = [line.split(" ")[0] for line in lines if "==" in line]
    return [pin for pin in pins if pin.split("==")[0] in TOOLS]


def main() -> int:
    """Install, run, and return the tests' exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.versions", description=__doc__)
    parser.add_argument("end", choices=RESOLUTIONS)
    end = parser.parse_args().end
    with TemporaryDirectory(prefix=f"{end}-") as place:
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, place], check=True)
        python = Path(place) / ("Scripts" if os.name == "nt" else "bin") / "python"
        install = [*uv, "pip", "install", "--quiet", "--python", str(python), "--resolution", RESOLUTIONS[end]]
        subprocess.run([*install, str(ROOT), *pinned_tools()], check=True)
        ran = subprocess.run([python, "-m", "pytest", "-q", "-n", "2", *TESTS], cwd=ROOT, check=False)
    return ran.returncode


if __name__ == "__main__":
    sys.exit(main())
