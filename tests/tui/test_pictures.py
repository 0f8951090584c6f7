"""The pictures in screenshots/ show the console as it is."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pytest

from screenshots.take import HERE, SCENES, Scene, console_for, drawn, perform, standing_still

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

SNAPSHOTS = (
    *("list", "filter", "details", "silent", "confirm", "alive", "mismatch", "caution"),
    *("accepted", "rejected", "not-sent", "unknown", "review", "nothing", "history", "login", "help", "korean"),
    *("list-ko", "details-ko", "confirm-ko", "alive-ko", "accepted-ko", "history-ko"),
)
SECRET = "never-drawn-in-a-picture"


@pytest.fixture(autouse=True)
def one_moment() -> Iterator[None]:
    """Time stands still, as when the pictures were taken."""
    with standing_still():
        yield


def words(svg: str) -> list[str]:
    """The texts of a picture in their order; how a renderer writes its numbers does not matter."""
    return [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_the_committed_picture_is_not_older_than_the_screen(scene: Scene) -> None:
    kept = (HERE / f"{scene.name}.svg").read_text(encoding="utf-8")
    assert words(kept) == words(await drawn(scene)), "the screen changed: run 'make pictures' and look"
    assert SECRET not in kept.replace("&#160;", " ")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SNAPSHOTS)
def test_scene(name: str, size: tuple[int, int], snap_compare: Any) -> None:
    scene = next(scene for scene in SCENES if scene.name == name)

    async def run_before(pilot: Any) -> None:
        await perform(scene, pilot)

    assert snap_compare(console_for(scene), terminal_size=size, run_before=run_before)
