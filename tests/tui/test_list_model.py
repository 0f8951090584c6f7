"""What the list holds from one inventory to the next: filter, order and marks, without a screen."""

from __future__ import annotations

from ncpconsole.tui.availability import Elsewhere
from ncpconsole.tui.list_model import ListModel
from tests.tui.server_rows import inventory, server


def held(model: ListModel, *numbers: int, complete: bool = True) -> list[str]:
    """The names on show, once these servers were read."""
    model.take(inventory([server(number) for number in numbers]), complete=complete)
    return shown(model)


def shown(model: ListModel) -> list[str]:
    assert model.view is not None
    return [row.name for row in model.view.rows]


def test_a_filter_typed_before_the_first_list_narrows_it() -> None:
    model = ListModel()
    model.narrow("00002")
    assert model.match_words(()) == ""
    assert held(model, 1, 2, 3) == ["web-00002"]
    assert model.match_words(()).startswith("1 ")


def test_what_is_no_filter_leaves_the_last_good_one_and_is_told() -> None:
    model = ListModel()
    held(model, 1, 2, 3)
    model.narrow("00002")
    model.narrow("is:nonsense")
    assert "nonsense" in model.filter_wrong
    assert shown(model) == ["web-00002"]
    model.narrow("")
    assert model.filter_wrong == ""
    assert len(shown(model)) == 3


def test_marks_go_with_their_servers_but_only_in_a_whole_list() -> None:
    model = ListModel()
    held(model, 1, 2)
    assert model.view is not None
    row = model.view.rows[1]
    model.toggle_mark(row)
    held(model, 1, complete=False)
    assert model.marked == {row.key}
    held(model, 1)
    assert model.marked == frozenset()


def test_all_that_a_line_names_is_marked_at_once_and_once() -> None:
    model = ListModel()
    held(model, 1, 2, 3)
    model.narrow("[ALERT] web-00001, web-00003 and web-09999 do not answer")
    assert model.mark_named()
    assert len(model.marked) == 2
    assert not model.mark_named()
    assert "walks the marked ones" in model.note(None, typing=False)
    model.narrow("web")
    assert not model.mark_named()


def test_another_account_keeps_order_and_filter_but_no_mark() -> None:
    model = ListModel(("uptime", True))
    held(model, 1, 2)
    assert model.view is not None
    model.view.sort_by("name")
    model.toggle_mark(model.view.rows[0])
    model.narrow("00002")
    model.reset()
    assert model.marked == frozenset()
    assert model.order == ("name", False)
    assert held(model, 2, 3) == ["web-00002"]
    assert model.order == ("name", False)


def test_an_order_that_does_not_exist_is_none() -> None:
    model = ListModel(("colour", True))
    held(model, 1)
    assert model.order == ("name", False)


def test_where_nothing_is_found_tab_offers_every_region_unless_they_are_shown() -> None:
    model = ListModel()
    held(model, 1, 2)
    model.narrow("db")
    assert not model.nothing_found(Elsewhere, None, typing=False).every_region
    offered = model.nothing_found(lambda: Elsewhere(all_regions=False, profiles=("test",)), None, typing=False)
    assert offered.every_region
    assert "test" in offered.words
    model.narrow("")
    assert model.nothing_found(Elsewhere, None, typing=False).words == ""
