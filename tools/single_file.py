"""Puts the console and everything it needs into one file, for one Python on one kind of machine.

What is put in is what is installed here, and so was verified by its hash. The first start unpacks it into the user's
cache, since compiled modules cannot be loaded from within a file.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import sysconfig
import zipapp
from importlib.metadata import Distribution, distribution
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement

PROJECT = "ncpconsole"
ROOT = Path(__file__).parent.parent
START = """\
import os
import sys

if (sys.version_info[:2], sys.implementation.cache_tag) != {python!r}:
    sys.exit("This file is for {words}; this Python is " + sys.version.split()[0] + ".")

from pathlib import Path

cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ncpconsole"
place = cache / "{digest}"
if not place.is_dir():
    import tempfile
    import zipfile

    before = os.umask(0o077)
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as beside:
        zipfile.ZipFile(sys.argv[0]).extractall(beside)
        try:
            os.rename(os.path.join(beside, "site"), place)
        except OSError:
            if not place.is_dir():  # another start was quicker
                raise
    os.umask(before)
for one in (cache, place):
    if os.name == "posix" and (one.stat().st_uid != os.getuid() or one.stat().st_mode & 0o022):
        sys.exit(str(one) + " can be written by others: remove it, and start this again.")
sys.path.insert(0, str(place))
from ncpconsole.cli import main

main()
"""
"""What a start does. The name of the folder is that of its contents, so another version has another one."""


def needed(name: str) -> dict[str, Distribution]:
    """The distribution of this name and all that it needs here, by name."""
    found: dict[str, Distribution] = {}
    waiting = [(name, "")]
    seen = set(waiting)
    while waiting:
        each, extra = waiting.pop()
        found[each] = distribution(each)
        for requirement in map(Requirement, found[each].requires or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                more = {(requirement.name, wanted) for wanted in ("", *requirement.extras)} - seen
                waiting.extend(more)
                seen |= more
    return found


def copy_installed(place: Path) -> None:
    """Copy the console from its sources and what it needs from where it is installed, without compiled caches."""
    shutil.copytree(ROOT / PROJECT, place / PROJECT, ignore=shutil.ignore_patterns("__pycache__"))
    for name, dist in needed(PROJECT).items():
        for file in dist.files or ():
            inside = ".." not in file.parts and "__pycache__" not in file.parts and not file.name.endswith(".pth")
            if inside and (name != PROJECT or ".dist-info" in file.parts[0]):
                target = place / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(Path(str(file.locate())), target)


def build(output: Path) -> Path:
    """Write the file into this folder; its path."""
    version = distribution(PROJECT).version
    tag = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}".replace(".", "_")
    with TemporaryDirectory() as staging:
        site = Path(staging) / "site"
        copy_installed(site)
        digest = hashlib.sha256()
        for path in sorted(path for path in site.rglob("*") if path.is_file()):
            digest.update(path.relative_to(site).as_posix().encode() + b"\0" + path.read_bytes())
        python = (sys.version_info[:2], sys.implementation.cache_tag)
        words = f"Python {python[0][0]}.{python[0][1]} on {sysconfig.get_platform()}"
        start = START.format(python=python, words=words, digest=f"{version}-{digest.hexdigest()[:16]}")
        (Path(staging) / "__main__.py").write_text(start, encoding="utf-8")
        output.mkdir(parents=True, exist_ok=True)
        target = output / f"{PROJECT}-{version}-{tag}.pyz"
        zipapp.create_archive(staging, target, interpreter="/usr/bin/env python3", compressed=True)
    return target


def main() -> int:
    """Write the file and say where."""
    parser = argparse.ArgumentParser(prog="python -m tools.single_file", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="folder to write into (dist)")
    print(build(parser.parse_args().output))
    return 0


if __name__ == "__main__":
    sys.exit(main())
