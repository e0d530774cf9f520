"""Where panels stand: nothing overlaps, small panels before long tables, and one scroll where they do not fit."""

from __future__ import annotations

from collections.abc import Callable

from conftest import Running, enter, words
from hypothesis import given
from hypothesis import strategies as st
from textual.events import MouseScrollUp

from terminal.arrange import LEAST_TABLE, Spec, arrange
from terminal.widgets.table import TablePanel


def tall(lines: int) -> Callable[[int], int]:
    return lambda _width: lines


METRICS = Spec(natural=tall(9))
TABLE = Spec(natural=tall(300), long=True, least=70)
CHART = Spec(weight=3)


def test_a_small_panel_has_its_wish_before_a_long_table_takes_the_rest() -> None:
    metrics, table = arrange([METRICS, TABLE], 120, 30)
    assert (metrics.height, table.height) == (9, 21)


def test_a_chart_takes_what_the_facts_leave() -> None:
    chart, facts = arrange([CHART, METRICS], 120, 30)
    assert (chart.height, facts.height) == (21, 9)


def test_a_page_that_overflows_scrolls_once() -> None:
    specs = [Spec(natural=tall(13)), Spec(natural=tall(6), long=True), Spec(natural=tall(50), long=True)]
    slots = arrange(specs, 80, 18)
    assert [slot.height for slot in slots] == [13, 6, 18]


def test_two_long_tables_share_what_is_left() -> None:
    one, two = arrange([TABLE, TABLE], 80, 41)
    assert one.height + two.height == 41
    assert abs(one.height - two.height) <= 1


def test_a_side_panel_stands_beside_only_where_both_keep_their_width() -> None:
    text = Spec(natural=tall(20), side=True, least=44)
    table = Spec(natural=tall(20), long=True, least=112)
    assert [slot.x for slot in arrange([table, text], 120, 40)] == [0, 0]
    left, right = arrange([table, text], 160, 40)
    assert (left.y, right.y) == (0, 0)
    assert (left.width >= 112, right.width >= 44) == (True, True)


specs = st.lists(
    st.builds(
        Spec,
        weight=st.integers(1, 4),
        side=st.booleans(),
        natural=st.one_of(st.none(), st.integers(1, 80)).map(lambda want: lambda _width: want),
        long=st.booleans(),
        least=st.integers(20, 120),
    ),
    min_size=1,
    max_size=7,
)


@given(specs, st.integers(20, 220), st.integers(3, 70))
def test_panels_fill_the_width_and_never_overlap(asked: list[Spec], width: int, height: int) -> None:
    slots = arrange(asked, width, height)
    for spec, slot in zip(asked, slots, strict=True):
        assert slot.x >= 0
        assert slot.x + slot.width <= width
        want = spec.natural(slot.width)
        if want is not None and not spec.long:
            assert slot.height >= want  # never scrolls inside a page
        if spec.long and want is not None:
            assert slot.height >= min(want, LEAST_TABLE, height)
    for i, one in enumerate(slots):
        for two in slots[i + 1 :]:
            apart = one.y + one.height <= two.y or one.x + one.width <= two.x
            assert apart


async def test_keys_that_a_panel_has_no_use_for_scroll_the_page(running: Running) -> None:
    async with running(size=(80, 14)) as pilot:
        await enter(pilot, "AAPL DES")
        view = pilot.app.shell.view
        assert view.max_scroll_y
        await pilot.press("tab", "down", "down")
        await pilot.pause()
        assert view.scroll_y == 2
        await pilot.press("end")
        await pilot.pause()
        assert "Peers" in words(pilot.app)


async def test_a_table_shown_whole_lets_the_wheel_scroll_the_page(running: Running) -> None:
    async with running(size=(80, 14)) as pilot:
        await enter(pilot, "AAPL DES")
        view = pilot.app.shell.view
        view.scroll_end(animate=False, immediate=True)
        await pilot.pause()
        before = view.scroll_y
        table = pilot.app.query_one(TablePanel)
        await pilot._post_mouse_events([MouseScrollUp], table)
        await pilot.pause()
        assert view.scroll_y < before
