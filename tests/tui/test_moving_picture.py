"""The moving picture of the README: small, without scripts, and at each moment what its frame showed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from defusedxml import ElementTree

import screenshots
from screenshots.moving import LINE, TEXT, Frame, moving

HERE = Path(screenshots.__file__).parent
PICTURE = HERE / "interrupt.svg"
MOST_BYTES = 600_000
SVG = "{http://www.w3.org/2000/svg}"


def visible(svg: str, second: float) -> set[tuple[int, str]]:
    """What can be read ``second`` seconds after the beginning: line and text."""
    root = ElementTree.fromstring(svg)
    found = set()
    for group in root.iter(f"{SVG}g"):
        if not opacity(svg, group.get("class"), second):
            continue
        match = re.fullmatch(r"translate\(0 ([\d.]+)\)", group.get("transform") or "")
        assert match is not None
        found |= {(round(float(match[1]) / LINE), text.text or "") for text in group.iter(f"{SVG}text")}
    return found


def opacity(svg: str, name: str | None, second: float) -> bool:
    """Whether the lines of a class are there at a moment."""
    if name is None:
        return True
    rule = re.search(rf"^\.{name}\{{opacity:(\d);animation:{name} ([\d.]+)s step-end infinite\}}$", svg, re.MULTILINE)
    steps = re.search(rf"^@keyframes {name}\{{(.*)\}}$", svg, re.MULTILINE)
    assert rule is not None
    assert steps is not None
    part = 100 * second / float(rule[2])
    passed = [shown for at, shown in re.findall(r"([\d.]+)%\{opacity:(\d)\}", steps[1]) if float(at) <= part + 0.01]
    return str(passed[-1]) == "1"


@pytest.fixture
def frames() -> list[Frame]:
    """Three pictures of one size, the first one twice."""
    first, second, third = ((HERE / f"{name}.svg").read_text("utf-8") for name in ("filter", "nothing", "korean"))
    return [Frame(first, 2), Frame(second, 1.5), Frame(first, 0.5), Frame(third, 3)]


def test_each_frame_is_on_show_at_its_time_and_no_other(frames: list[Frame]) -> None:
    svg = moving(frames, 1, 80, 24, "about")
    begins = 0.0
    for frame in frames:
        texts = {(int(text["line"]), unescaped(text["text"])) for text in TEXT.finditer(frame.svg)}
        assert texts
        assert visible(svg, begins + 0.01) == texts
        assert visible(svg, begins + frame.seconds - 0.01) == texts
        begins += frame.seconds


def unescaped(text: str) -> str:
    read = ElementTree.fromstring(f"<text>{text}</text>").text
    return read or ""


def test_what_does_not_change_is_drawn_once(frames: list[Frame]) -> None:
    alone = moving(frames[:1], 0, 80, 24, "about")
    assert "@keyframes" not in alone
    assert len(moving([frames[0]] * 5, 0, 80, 24, "about")) == len(alone)


def test_who_wants_no_motion_sees_one_frame_that_stands_still(frames: list[Frame]) -> None:
    svg = moving(frames, 1, 80, 24, "about")
    calm = re.search(r"^@media \(prefers-reduced-motion:reduce\)\{(.*)\{animation:none\}\}$", svg, re.MULTILINE)
    assert calm is not None
    moved = set(re.findall(r"^\.(k\d+)\{opacity", svg, re.MULTILINE))
    assert set(re.findall(r"\.(k\d+)", calm[1])) == moved
    still = {name for name in moved if f".{name}{{opacity:1;" in svg}
    assert still == {name for name in moved if opacity(svg, name, 2.1)}


def test_the_committed_picture_is_small_and_tells_a_whole_interrupt() -> None:
    svg = PICTURE.read_text("utf-8")
    assert len(svg.encode()) <= MOST_BYTES
    root = ElementTree.fromstring(svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "style", "rect", "g", "text"}
    assert not re.search(r"script|href|url\(|@import|\son\w+=", svg)
    assert "prefers-reduced-motion" in svg
    words = svg.replace("\xa0", " ").replace("&#160;", " ")
    for seen in ("silent 6m", "INTERRUPT", "nothing typed yet", "matches", "ACCEPTED", "the server is back"):
        assert seen in words
