"""The main job in Korean, in a real terminal of 80 × 24: what decides is in sight, and the record is English."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from textual.widget import Widget
from textual.widgets import Button, Static

from ncpconsole.core.safe_text import cell_width
from ncpconsole.language import KOREAN, language
from screenshots.take import IN_KOREAN, SCENES, Scene, console_for, perform, standing_still
from tests.end_to_end.simulation import Simulation, separate_simulation
from tests.end_to_end.terminal import Terminal
from tests.tui.more_scenes import MORE

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
NAMED_ONCE = "결제-00004"
NAMED_TWICE = "결제-00031"
"""The name of two servers: the number is demanded."""


@pytest.fixture
def gateway(request: pytest.FixtureRequest) -> Iterator[Simulation]:
    """A simulator, whose guests show signs of life where the test is marked so."""
    with separate_simulation("--servers", "128", agents=request.param) as running:
        yield running


def korean(gateway: Simulation, *, columns: int = 80, lines: int = 24) -> Terminal:
    """The console in Korean."""
    environment = gateway.environment | {"NCPCONSOLE_LANG": "ko"}
    return Terminal(environment=environment, columns=columns, lines=lines)


def find(console: Terminal, words: str) -> None:
    """Filter the list down to one server, and go to it."""
    console.press("/")
    console.shows("Enter 목록으로")
    console.type(words)
    console.until(lambda shown: re.search(r"128대 중 1대|완전 일치 1대", shown) is not None, "one server")
    console.press("enter")
    console.shows("! 인터럽트")


def in_english(record: object) -> bool:
    """Whether a record holds no Hangul but in the server's name."""
    text = json.dumps(record, ensure_ascii=False).replace(NAMED_TWICE, "")
    return HANGUL.search(text) is None


@pytest.mark.parametrize("gateway", [True], indirect=True, ids=["agents"])
def test_from_the_filter_to_the_record(gateway: Simulation) -> None:
    listed = json.loads(gateway.console("servers", "--filter", "is:silent", "--signs", "--json").stdout)
    name, number = next((one["serverName"], one["serverInstanceNo"]) for one in listed if not one["cautions"])
    before = gateway.interrupts
    with korean(gateway) as console:
        console.shows("서버 128대", "이름 ▲", "번호", "상태", "판정", "● 대상 가능")
        find(console, number)
        console.press("enter")
        console.shows(f"번호 {number}", "대상 가능", "다음 단계", "생존 신호", "무응답")
        console.press("!")
        shown = console.shows("이름 입력", "아직 입력하지 않음", "먼저: 이름 입력", number, "무응답", "운영중")
        assert "인터럽트 보내기" in shown
        assert "esc 취소" in shown
        console.type(f"{name}x")
        console.press("enter", "enter")
        console.shows("일치하지 않음")
        assert gateway.interrupts == before
        console.press("backspace")
        console.shows("✓ 일치")
        console.press("enter")
        console.shows("enter 지금 인터럽트를 보냅니다", "esc 취소")
        console.press("enter")
        console.shows("● 접수됨", name, number, "요청 ID", "esc/enter 닫기")
        assert gateway.interrupts == before + 1
        console.press("esc")
        console.shows("이전 인터럽트가 접수되었습니다", "이 컴퓨터에서 보낸 인터럽트")
        console.press("h")
        console.shows("이력:", "● 접수됨", name, "경과", "기록", "x 내보내기")
        console.press("pgdn")
        console.shows("프로필", "실행자")
        console.press("q")
        console.shows("다음 단계")
        console.press("q")
        console.shows("판정", "! 덤프")
    (record,) = json.loads(gateway.console("history", "--server", number, "--json").stdout)
    assert record["outcome"] == "accepted"
    assert in_english(record)


@pytest.mark.parametrize("gateway", [False], indirect=True, ids=["no agents"])
def test_a_korean_name_is_typed_and_two_of_one_name_want_the_number(gateway: Simulation) -> None:
    listed = json.loads(gateway.console("servers", "--filter", NAMED_TWICE, "--json").stdout)
    number = listed[0]["serverInstanceNo"]
    before = gateway.interrupts
    with korean(gateway) as console:
        console.shows("서버 128대")
        # A syllable comes whole from an input method, and in parts out of what a Mac copies.
        for form in ("NFC", "NFD"):
            console.press("/")
            console.shows("Enter 목록으로")
            console.type(unicodedata.normalize(form, NAMED_TWICE))
            console.shows("128대 중 2대")
            console.press("esc")
            console.shows("필터 입력은 / 키", "! 인터럽트")
        find(console, NAMED_ONCE)
        console.press("!")
        console.shows("이름 입력", NAMED_ONCE)
        console.type(unicodedata.normalize("NFD", NAMED_ONCE))
        console.shows("✓ 일치")
        console.press("esc")
        console.shows("판정")
        console.press("esc")
        console.shows("필터 입력은 / 키", "! 인터럽트")
        find(console, number)
        console.press("!")
        console.shows("번호 입력", "이름이 같은 서버", "인터럽트 보내기")
        console.type(NAMED_TWICE)
        console.shows("한글 입력 상태", "먼저: 번호 입력")
        console.press(*["backspace"] * len(NAMED_TWICE))
        console.shows("아직 입력하지 않음")
        console.type(number)
        console.shows("✓ 일치")
        console.press("enter")
        console.shows("enter 지금 인터럽트를 보냅니다")
        console.press("enter")
        console.shows("● 접수됨", NAMED_TWICE, number)
    assert gateway.interrupts == before + 1
    (record,) = json.loads(gateway.console("history", "--server", number, "--json").stdout)
    assert (record["outcome"], record["serverName"]) == ("accepted", NAMED_TWICE)
    assert in_english(record)


WAITED_FOR = {
    "ccess key": "Access Key",
    "Review over": "검토 완료",
    "not interrupted, because": "인터럽트를 보내지 않는 이유",
    "in one list": "모든 리전을 한 목록에",
}
"""What scenes wait for and is no whole message."""
DIALOGS = [
    *(scene for scene in SCENES if scene.name in {"confirm", "caution", "mismatch", "unknown", "accepted", "login"}),
    *(scene for scene in (*SCENES, *MORE) if scene.name in {"history", "review", "reviewed", "resolve", "locked"}),
    *(scene for scene in MORE if scene.name in {"waiting", "quit", "export", "note", "blocked", "key R", "key p"}),
]


@pytest.mark.parametrize("size", [(80, 24), (60, 16)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", DIALOGS, ids=lambda scene: scene.name)
async def test_no_label_button_or_key_of_a_dialog_is_cut(scene: Scene, size: tuple[int, int]) -> None:
    with standing_still(), patch.dict(IN_KOREAN, WAITED_FOR):
        app = console_for(replace(scene, language=KOREAN))
        async with app.run_test(size=size) as pilot:
            await perform(scene, pilot)
            assert language() == KOREAN
            screen = app.screen
            lines = screen.query(".fact-label, .field-label, .field-says, .verdict, .hints, #why-not").results(Static)
            words: list[tuple[Widget, str]] = [(line, str(line.render())) for line in lines if line.is_on_screen]
            buttons = [button for button in screen.query(Button) if button.display]
            words += [(button, str(button.label)) for button in buttons]
            cut = [(text, one.content_size.width) for one, text in words if cell_width(text) > one.content_size.width]
            assert [text for text, _ in cut] == []
            assert all(screen.region.contains_region(button.region) for button in buttons)
            assert words
