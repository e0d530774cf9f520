"""REGIME: what it shows, what each kind of probability may use, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from engine.desk import Desk
from engine.errors import Cancelled, CommandError, DataError
from engine.figures import Form, Heatmap, Timeline
from engine.page import Metrics, Page, Table


def figure(page: Page, name: str) -> object:
    panel = page.panel(name)
    assert panel is not None, name
    return panel.figure


def timeline(page: Page) -> Timeline:
    found = figure(page, "regimes")
    assert isinstance(found, Timeline)
    return found


def test_states_probabilities_and_performance_agree(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("SPX REGIME 5Y STATES=2")
    shown = timeline(page)
    assert shown.probabilities is not None
    np.testing.assert_allclose(shown.probabilities.sum(axis=1), 1.0)
    assert shown.states.tolist() == shown.probabilities.argmax(axis=1).tolist()
    table = figure(page, "performance")
    assert isinstance(table, Table)
    # the first day's state is the first known, so that every later return has one before it
    assert table.frame["periods"].sum() == len(shown.dates) - 1
    assert table.frame["share"].sum() == pytest.approx(1.0)
    assert table.frame["volatility"].is_sorted()
    matrix = figure(page, "transitions")
    assert isinstance(matrix, Heatmap)
    np.testing.assert_allclose(matrix.values.sum(axis=1), 1.0)


def test_walking_changes_nothing_before_an_older_clock(make_desk: Callable[[], Desk]) -> None:
    """Walked forward, the past told at an old clock is the past told now; fitted at the clock it need not be."""
    desk = make_desk()
    line = "SPX REGIME WALK STATES=2 PERIOD=2009-01-02..2014-12-31"
    now = timeline(desk.run(line))
    desk.run("ASOF 2013-06-28")
    then = timeline(desk.run("SPX REGIME WALK STATES=2 PERIOD=2009-01-02..2013-06-28"))
    assert now.probabilities is not None
    assert then.probabilities is not None
    both = np.isfinite(then.probabilities).all(axis=1)
    assert both.sum() > 500
    known = now.probabilities[: len(both)]
    np.testing.assert_allclose(known[both], then.probabilities[both], atol=1e-9)


def test_smoothed_is_only_so_by_name_and_says_that_it_looks_ahead(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    plain, smooth = desk.run("SPX REGIME 5Y STATES=2"), desk.run("SPX REGIME 5Y STATES=2 SMOOTHED")
    assert not any("later days" in note.text for note in plain.notes)
    assert any("later days" in note.text for note in smooth.notes)
    one, other = timeline(plain).probabilities, timeline(smooth).probabilities
    assert one is not None
    assert other is not None
    np.testing.assert_allclose(one[-1], other[-1], atol=1e-9)  # nothing lies ahead of the last day
    assert np.abs(one[:-1] - other[:-1]).max() > 0.1


def test_the_default_security_is_the_index(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("REGIME EWMA 5Y")
    assert page.security is not None
    assert page.security.ticker == "SPX"
    assert timeline(page).probabilities is None


def test_change_points_part_the_range(make_desk: Callable[[], Desk]) -> None:
    page = make_desk().run("SPX REGIME BREAKS PERIOD=2007-01-03..2010-12-31")
    table = figure(page, "segments")
    assert isinstance(table, Table)
    assert table.frame.height >= 3
    assert table.frame["periods"].sum() == len(timeline(page).dates)
    # the wildest segment holds the autumn of 2008
    wildest = table.frame.sort("volatility").tail(1).to_dicts()[0]
    assert wildest["session_date"].year == 2008


def test_every_assumption_is_editable(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    form = figure(desk.run("AAPL REGIME 3Y STATES=2"), "assumptions")
    assert isinstance(form, Form)
    fields = {field.name: field for field in form.fields}
    assert fields["states"].given
    line = "AAPL REGIME " + " ".join(f"{name.upper()}={field.text}" for name, field in fields.items())
    assert isinstance(figure(desk.run(line), "now"), Metrics)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("REGIME EWMA SMOOTHED", CommandError),
        ("REGIME MARKOV WALK", CommandError),
        ("REGIME EWMA STATES=1", CommandError),
        ("REGIME MARKOV STATES=1", CommandError),
        ("SPX REGIME 1M", DataError),
        ("AAA REGIME", DataError),
        ("EURUSD REGIME 3M MONTHLY", DataError),
    ],
)
def test_what_cannot_be_told_is_refused_in_words(
    make_desk: Callable[[], Desk], line: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        make_desk().run(line)


def test_the_same_line_is_the_same_page(make_desk: Callable[[], Desk]) -> None:
    from engine.encode.json import page_hash

    desk = make_desk()
    line = "AAPL REGIME 3Y STATES=2 SEED=5"
    assert page_hash(desk.run(line)) == page_hash(desk.run(line))


def test_only_what_was_known_is_told_as_known(make_desk: Callable[[], Desk]) -> None:
    desk = make_desk()
    titles = {}
    for how in ("FILTERED", "WALK", "SMOOTHED"):
        panel = desk.run(f"REGIME SPX {how} STATES=2 8Y").panel("performance")
        assert panel is not None
        titles[how] = panel.title
    assert "known when they began" in titles["WALK"]
    assert "whole range" in titles["FILTERED"]
    assert "not known then" in titles["SMOOTHED"]


def test_walking_takes_the_number_of_states_from_the_first_returns(make_desk: Callable[[], Desk]) -> None:
    """Days after the first model must not choose how many states it has."""
    desk = make_desk()
    told = [note.text for note in desk.run("REGIME SPX WALK WEEKLY 8Y").notes]
    assert any("lowest BIC of the first 156 returns alone" in each for each in told)


def test_a_search_that_is_stopped_is_cancelled_and_not_a_failure(make_desk: Callable[[], Desk]) -> None:
    for method in ("HMM", "HMM WALK", "MARKOV"):
        asked = iter([False] * 4)
        with pytest.raises(Cancelled):
            make_desk().run(f"REGIME SPX {method} 8Y", cancelled=lambda asked=asked: next(asked, True))
