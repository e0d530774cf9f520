"""What is kept of a session may be damaged or of another version: it then counts as absent, and the desk opens."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from store import open_store
from terminal.backend import desk_factory, user_name
from terminal.workspace import KIND, NAME, Workspace, load

BODIES: tuple[dict[str, Any], ...] = (
    {"visits": None},
    {"visits": [None]},
    {"visits": [{"panels": 5}]},
    {"visits": {"line": "AAPL"}},
    {"position": None},
    {"position": "first"},
    {"history": "AAPL"},
    {"history": [5]},
    {"history": None},
    {"security": 5},
    {"theme": ["amber"]},
    {"draft": {}},
    {"asof": 5},
    {"asof": "soon"},
    {"asof": "2008-09-15T20:00:00"},
    {"of a later version": {}},
)


class Kept:
    """A state that hands out whatever was kept."""

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body

    def get(self, kind: str, name: str = "") -> dict[str, Any] | None:
        return self.body

    def put(self, kind: str, name: str, body: dict[str, Any]) -> None:
        self.body = body


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_a_body_that_does_not_fit_is_an_empty_workspace(body: dict[str, Any]) -> None:
    assert load(Kept({"draft": "AAPL", **body})) in (Workspace(), Workspace(draft="AAPL"))


@pytest.mark.parametrize(
    "asof", ["soon", "2008-09-15T20:00:00", "9999-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00"]
)
def test_a_clock_that_is_none_opens_the_desk_at_now(home: Path, asof: str) -> None:
    desk = desk_factory(open_store(home), "tester", Workspace(asof=asof, security="\udcff X"))
    assert desk(lambda *_: None, lambda: False).asof is None


def test_a_clock_comes_back(home: Path) -> None:
    state = open_store(home).state("tester")
    state.put(KIND, NAME, {"asof": "2008-09-15T20:00:00+00:00", "security": "AAPL US EQUITY"})
    desk = desk_factory(open_store(home), "tester", load(state))(lambda *_: None, lambda: False)
    assert desk.asof is not None
    assert desk.security is not None
    assert (desk.asof.year, desk.security.ticker) == (2008, "AAPL")


def test_the_user_is_the_system_s_and_not_the_environment_s(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "alice")
    assert user_name() == pwd.getpwuid(os.getuid()).pw_name

    def unknown(_: int) -> Callable[..., None]:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert user_name() == f"user-{os.getuid()}"
