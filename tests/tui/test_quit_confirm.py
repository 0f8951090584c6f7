"""The question before quitting while an interrupt is on its way."""

from __future__ import annotations

import pytest

from ncpconsole.tui.screens.small_dialogs import QuitConfirm
from ncpconsole.tui.widgets.enter_guard import EnterGuard
from tests.tui.console_driver import DialogHost, screen_text


@pytest.mark.parametrize(
    ("keys", "quits"),
    [(("enter",), False), (("escape",), False), (("tab", "enter"), True), (("tab", "tab", "enter"), False)],
)
async def test_only_a_deliberate_answer_quits(
    monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], quits: bool
) -> None:
    monkeypatch.setattr(EnterGuard, "SECONDS", 0.0)
    answers: list[bool | None] = []
    app = DialogHost()
    async with app.run_test() as pilot:
        app.push_screen(QuitConfirm(["web[/]1 (300)\x1b[2J"]), answers.append)
        await pilot.pause()
        assert "web[/]1 (300)\\x1b[2J" in screen_text(app)
        assert "unknown" in screen_text(app)
        await pilot.press(*keys)
        await pilot.pause()
    assert answers == [quits]
