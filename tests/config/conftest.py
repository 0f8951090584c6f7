"""A settings file of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """Where a settings file goes; it does not exist yet."""
    return tmp_path / "config" / "config.toml"
