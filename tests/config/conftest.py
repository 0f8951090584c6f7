"""A settings file of one's own, and Secret Services to speak to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.config.secret_service import EndlessPrompt, SecretService, require_secret_service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """Where a settings file goes; it does not exist yet."""
    return tmp_path / "config" / "config.toml"


@pytest.fixture
def secret_service() -> Iterator[SecretService]:
    """GNOME Keyring, unlocked, on a bus of its own."""
    require_secret_service()
    with SecretService() as service:
        yield service


@pytest.fixture
def endless_prompt() -> Iterator[EndlessPrompt]:
    """A locked Secret Service whose prompt is never answered."""
    require_secret_service()
    with EndlessPrompt() as service:
        yield service
