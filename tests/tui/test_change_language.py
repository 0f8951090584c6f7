"""The language changes while the console runs: everything on show speaks the other one, and nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from ncpconsole.language import ENGLISH, language, tr, use
from tests.tui.console_driver import open_console

if TYPE_CHECKING:
    from tests.tui.console_driver import Backend


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    use(ENGLISH)


async def test_the_palette_changes_the_language_and_back_with_selection_marks_and_filter_kept(backend: Backend) -> None:
    async with open_console(backend) as console:
        await console.press("down", "space", "slash")
        await console.write("is:eligible")
        await console.press("enter", "down")
        selected, marked = console.servers.table.selected, set(console.servers.model.marked)
        await console.wait_for_text("NAME", "VERDICT", "● eligible", "1 marked", "no agent")
        english = console.text.split()[20:80]
        await console.press("colon")
        await console.write("language")
        await console.wait_for_text("Change language", "한국어")
        await console.press("enter")
        await console.wait_for_text("이름", "판정", "● 대상 가능", "서버", "표시 1대")
        assert "VERDICT" not in console.text
        assert "eligible" not in console.text.replace("is:eligible", "")
        assert language() == "ko"
        assert (console.servers.table.selected, set(console.servers.model.marked)) == (selected, marked)
        assert console.servers.filter_bar.box.value == "is:eligible"
        await console.press("colon")
        await console.write("언어")
        await console.wait_for_text("English")
        await console.press("enter")
        await console.wait_for(lambda: console.text.split()[20:80] == english)


async def test_a_filter_finds_the_english_codes_and_the_words_on_show_in_either_composition(backend: Backend) -> None:
    use("ko")
    async with open_console(backend) as console:
        for typed in ("status:stopped", "status:정지", "status:정지", "verdict:stopped", "verdict:정지"):
            await console.press("slash", "ctrl+u")
            await console.write(typed)
            await console.press("enter")
            rows = console.servers.table.rows
            assert rows, typed
            stopped = {"NSTOP", "SHTDN"}  # 정지중 contains 정지
            for row in rows:
                server = row.server
                assert {server.server_instance_status.code, server.server_instance_operation.code} & stopped, typed


async def test_a_state_is_asked_for_by_its_code_and_by_the_word_on_show(backend: Backend) -> None:
    use("ko")
    async with open_console(backend) as console:
        for code, word in (("eligible", "대상"), ("blocked", "제외됨"), ("blocked", "제외됨")):
            found = []
            for typed in (f"is:{code}", f"is:{word}", f"!is:{word}"):
                await console.press("slash", "ctrl+u")
                await console.write(typed)
                await console.press("enter")
                found.append({row.number for row in console.servers.table.rows})
            by_code, by_word, others = found
            assert by_code == by_word != others, word
            assert by_code, word


async def test_the_palette_finds_a_command_by_its_english_name_too_and_says_in_korean_that_nothing_matches(
    backend: Backend,
) -> None:
    use("ko")
    async with open_console(backend) as console:
        await console.press("colon")
        await console.write("nosuchthing")
        await console.wait_for_text(tr("No matches found"))
        assert "No matches" not in console.text
        for _ in "nosuchthing":
            await console.press("backspace")
        await console.write("doctor")
        await console.wait_for_text("doctor", "컴퓨터, 키링, 네트워크, API 인증키 점검")
        for _ in "doctor":
            await console.press("backspace")
        await console.write("change lang")
        await console.wait_for_text("언어 변경")
        await console.press("enter")
        await console.wait_for_text("NAME", "VERDICT")
