"""Writing the settings file: only what was asked, whole or not at all, readable by its user alone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ncpconsole.config.settings_reader import read_settings
from ncpconsole.config.settings_writer import keep_in_profile, remove_profile
from ncpconsole.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

COMMENTED = """\
# my accounts
default_profile = "prod"   # the real one
unknown = 1

[profiles.prod] # careful
site = "public" # not gov
# until the move
region = "KR"

[keys]
interrupt = "f9"
"""


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_and_its_directory_are_private(config_file: Path) -> None:
    keep_in_profile(config_file, "prod", {"site": "gov", "regions": ("KR", "KRS")}, make_default=True)
    assert mode_of(config_file) == 0o600
    assert mode_of(config_file.parent) == 0o700
    kept = read_settings(config_file)
    assert kept.default_profile == "prod"
    assert kept.profiles["prod"].regions == ("KR", "KRS")


def test_comments_order_and_unknown_keys_stay(config_file: Path) -> None:
    config_file.parent.mkdir()
    config_file.write_text(COMMENTED)
    keep_in_profile(config_file, "prod", {"site": "fin", "region": None, "read_only": True})
    text = config_file.read_text()
    for kept in ("# my accounts", "# the real one", "unknown = 1", "# careful", "# not gov", "# until the move"):
        assert kept in text
    assert read_settings(config_file).profiles["prod"].site == "fin"
    assert read_settings(config_file).profiles["prod"].region is None
    assert text.index("[profiles.prod]") < text.index("[keys]")


def test_an_open_file_becomes_private(config_file: Path) -> None:
    config_file.parent.mkdir()
    config_file.write_text("")
    config_file.chmod(0o644)
    keep_in_profile(config_file, "prod", {}, make_default=True)
    assert mode_of(config_file) == 0o600


def test_a_link_is_followed_and_stays(config_file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "ncpconsole.toml"
    real.parent.mkdir()
    real.write_text("# kept elsewhere\n")
    config_file.parent.mkdir()
    config_file.symlink_to(real)
    keep_in_profile(config_file, "prod", {}, make_default=True)
    assert config_file.is_symlink()
    assert "# kept elsewhere" in real.read_text()
    assert read_settings(config_file).default_profile == "prod"


def test_a_broken_file_is_not_touched(config_file: Path) -> None:
    config_file.parent.mkdir()
    config_file.write_text("a = = 1\n")
    with pytest.raises(ConfigError, match="line 1, column 5"):
        keep_in_profile(config_file, "prod", {"site": "gov"})
    assert config_file.read_text() == "a = = 1\n"


def test_a_value_that_could_not_be_read_again_is_not_written(config_file: Path) -> None:
    keep_in_profile(config_file, "prod", {"site": "gov"})
    before = config_file.read_text()
    with pytest.raises(ConfigError, match="site must be"):
        keep_in_profile(config_file, "prod", {"site": "mars"})
    assert config_file.read_text() == before
    assert [each.name for each in config_file.parent.iterdir() if each.suffix != ".lock"] == ["config.toml"]


def test_removing_a_profile_removes_its_default_too(config_file: Path) -> None:
    keep_in_profile(config_file, "prod", {"site": "gov"}, make_default=True)
    keep_in_profile(config_file, "test", {"site": "fin"})
    remove_profile(config_file, "prod")
    remove_profile(config_file, "never was")
    kept = read_settings(config_file)
    assert list(kept.profiles) == ["test"]
    assert kept.default_profile is None


def test_a_directory_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        keep_in_profile(in_the_way / "config.toml", "prod", {}, make_default=True)


@pytest.mark.parametrize(
    "text",
    [
        "profiles = { prod = { site = 'gov' } }\n",
        "profiles.prod.site = 'gov'\n",
        "[profiles]\nprod = { site = 'gov' }\n",
        "[profiles]\nprod.site = 'gov'\n",
        "[profiles.prod]\nsite = 'gov'\n[keys]\n[profiles.test]\nsite = 'fin'\n",
    ],
)
def test_every_way_to_write_a_profile_can_be_altered(config_file: Path, text: str) -> None:
    config_file.parent.mkdir()
    config_file.write_text(text)
    keep_in_profile(config_file, "prod", {"region": "KRS"})
    keep_in_profile(config_file, "new", {"site": "public"})
    kept = read_settings(config_file)
    assert (kept.profiles["prod"].site, kept.profiles["prod"].region) == ("gov", "KRS")
    assert kept.profiles["new"].site == "public"


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(
    lambda name: name.isprintable() and name == name.strip()
)


@settings(deadline=None)  # every example writes to the disk
@given(NAMES, st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip))
def test_any_name_and_text_come_back(tmp_path_factory: pytest.TempPathFactory, name: str, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "config.toml"
    keep_in_profile(path, name, {"theme": text})
    [entry] = read_settings(path).profiles.values()
    assert entry.theme == text.strip()
    assert tomllib.loads(path.read_text(encoding="utf-8"))["profiles"]


def test_many_windows_writing_at_once_lose_nothing(config_file: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ncpconsole.config import settings_writer as w\n"
        "for n in range(5): w.keep_in_profile(Path(sys.argv[1]), f'{sys.argv[2]}-{n}', {'site': 'gov'})\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(config_file), str(number)], env=dict(os.environ))
        for number in range(4)
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0, 0]
    assert len(read_settings(config_file).profiles) == 20


def test_a_crash_while_replacing_leaves_the_old_file(config_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_in_profile(config_file, "old", {}, make_default=True)

    def fails(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(ConfigError, match="No space left on device"):
        keep_in_profile(config_file, "new", {}, make_default=True)
    assert read_settings(config_file).default_profile == "old"
    assert not [each for each in config_file.parent.iterdir() if each.name.startswith(".config.toml.t")]
    assert len([each for each in config_file.parent.iterdir() if each.suffix != ".lock"]) == 1
