"""Where a desk stands: of its clock, and unchanged while the desk goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError

import pytest

from engine.desk import Desk

MakeDesk = Callable[..., Desk]


def test_it_is_of_the_clock_also_after_a_rename(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("META GP")
    desk.run("ASOF 2016-03-16")
    then = desk.standing()
    assert then.security is not None
    assert then.security.ticker == "FB"
    assert [offer.label for offer in then.complete("META", 4) if offer.kind == "security"] == []
    desk.run("ASOF NOW")
    assert [offer.label for offer in desk.standing().complete("META", 4)] != []
    assert then.asof is not None
    assert then.security.ticker == "FB"


def test_a_security_that_was_not_known_then_is_not_loaded_then(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("META DES")
    desk.run("ASOF 2008-09-15")
    assert desk.standing().security is None
    desk.run("ASOF NOW")
    assert desk.standing().security is not None


def test_it_cannot_be_changed_and_tells_what_runs_again(make_desk: MakeDesk) -> None:
    desk = make_desk()
    standing = desk.standing()
    with pytest.raises(FrozenInstanceError):
        standing.asof = None  # type: ignore[misc]
    assert standing.repeats("GP")
    assert not standing.repeats("WHY")
    assert not standing.repeats("ASOF")
