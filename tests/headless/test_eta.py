"""Time left: nothing before two seconds, then the smoothed pace of the step at hand, in words."""

from __future__ import annotations

import pytest

from terminal.eta import Eta, in_words


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def walk(
    eta: Eta, clock: Clock, steps: int, *, seconds: float, begun: int = 0, total: int = 100
) -> list[str]:
    told = []
    for done in range(begun + 1, begun + steps + 1):
        clock.now += seconds
        told.append(eta.told(done, total))
    return told


def test_nothing_is_told_before_two_seconds_then_what_a_steady_pace_leaves() -> None:
    clock = Clock()
    eta = Eta(clock)
    eta.told(0, 100)
    told = walk(eta, clock, 50, seconds=0.5)
    assert told[:3] == ["", "", ""]
    assert told[3] == "about 50 s left"  # 96 more at half a second: 48, by fives
    assert told[49] == "about 25 s left"


def test_the_pace_follows_work_that_slows_down() -> None:
    clock = Clock()
    eta = Eta(clock)
    eta.told(0, 100)
    walk(eta, clock, 50, seconds=0.1)
    told = walk(eta, clock, 30, seconds=1.0, begun=50)
    # 20 more; of the fast half 39 units (3.9 s) are remembered, of which e^-3: (10 + 0.2) / (10 + 1.9) x 20
    assert told[-1] == "about 17 s left"


def test_a_unit_that_takes_long_counts_once_it_is_done() -> None:
    clock = Clock()
    eta = Eta(clock)
    eta.told(0, 10)
    walk(eta, clock, 2, seconds=2.0, total=10)
    clock.now += 10.0
    assert eta.told(2, 10) == "about 16 s left"  # 8 more at two seconds
    later = eta.told(3, 10)  # 7 more at (10 + 0.37 x 3.6) / (1 + 0.37 x 1.8): e^-1 of the 3.6 s of 1.8 units
    assert later == "about 50 s left"


def test_another_step_has_a_pace_of_its_own_and_waits_again() -> None:
    clock = Clock()
    eta = Eta(clock)
    eta.told(0, 100)
    assert walk(eta, clock, 10, seconds=1.0)[-1]
    assert eta.told(0, 7) == ""
    assert walk(eta, clock, 2, seconds=0.5, total=7) == ["", ""]
    assert eta.told(1, 7) == ""  # a count that falls is another step too


@pytest.mark.parametrize(("done", "total"), [(0, 0), (5, 0), (9, 9), (12, 9), (0, 9)])
def test_what_has_no_total_no_beginning_or_is_over_has_nothing_left_to_tell(done: int, total: int) -> None:
    clock = Clock()
    eta = Eta(clock)
    eta.told(0, total)
    clock.now += 5.0
    assert eta.told(done, total) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "less than a second left"), (7.4, "about 7 s left"), (41.0, "about 40 s left"),
        (100.0, "about 2 min left"), (7_200.0, "about 2.0 h left"),
    ],
)  # fmt: skip
def test_seconds_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
