"""A user's documents as desks read and change them: damage stops nobody, no desk undoes another's change."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.desk import Desk
from engine.documents import keep_lines, run_since
from engine.encode import encode
from engine.errors import CommandError, DataError
from engine.log import close_logs, events, log, log_path
from engine.preferences import defaults
from engine.sanitize import clean
from store import Store, StoreError, open_store

MakeDesk = Callable[..., Desk]


def write(store: Store, kind: str, text: str, name: str = "") -> None:
    """A body as another version of the program, or an accident, left it."""
    store.state("tester").put(kind, name, {})
    with store._catalog.write() as connection:
        connection.execute("update documents set body = ? where kind = ? and name = ?", (text, kind, name))


BODIES = (
    "{bad", "null", "[]", '{"timezone":"Mars/Base"}', '{"timezone":""}', '{"timezone":"../../etc/passwd"}',
    '{"timezone":null}', '{"adjust":5}', '{"adjust":"sideways"}', '{"period":{}}', '{"period":"2010-01-01"}',
    '{"theme":["amber"]}', '{"of a later version":{}}', '{"timezone":"\\ud800"}', '{"timezone":"a\\u0000b"}',
)  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_damaged_preferences_stop_nobody(make_desk: MakeDesk, home: Path, body: str) -> None:
    store = open_store(home)
    write(store, "preferences", body)
    desk = make_desk(store=store)
    assert desk.preferences == make_desk("somebody new").preferences
    desk.run("AAPL GP")
    told = [note.text for note in desk.run("SET").notes if note.level == "warning"]
    assert len(told) == (0 if "later version" in body else 1), told
    logged = [event for event in events(home, "tester") if event["event"] == "setting passed over"]
    assert len(logged) == len(told)
    with store._catalog.read() as connection:
        held = connection.execute("select body from documents where kind = 'preferences'").fetchall()
    assert held == [(body,)]  # reading changed nothing
    for line in ("SET timezone=UTC", "SET adjust=total", "SET period=5Y", "SET theme=light"):
        desk.run(line)
    assert not desk.run("SET").notes
    again = make_desk(store=open_store(home))
    set_ = {"theme": "light", "timezone": "UTC", "period": "5Y", "adjust": "total"}
    assert again.preferences == {**defaults(), **set_}


def test_a_setting_of_a_later_version_is_left_alone(make_desk: MakeDesk, home: Path) -> None:
    store = open_store(home)
    write(store, "preferences", '{"of a later version":"x","timezone":"Mars/Base"}')
    make_desk(store=store).run("SET theme=light")
    kept = store.state("tester").get("preferences")
    assert kept == {"of a later version": "x", "timezone": "Mars/Base", "theme": "light"}


@pytest.mark.parametrize("body", ["{bad", '{"lines":null}', '{"lines":[null]}', '{"lines":"AAPL"}', "5"])
def test_a_damaged_history_is_an_empty_one(make_desk: MakeDesk, home: Path, body: str) -> None:
    store = open_store(home)
    write(store, "history", body)
    desk = make_desk(store=store)
    assert desk.history == []
    desk.run("AAPL")
    desk.save_history()
    assert store.state("tester").get("history") == {"lines": ["AAPL"]}
    aside = store.state("tester").get("aside", "history/")
    assert aside == {"body": body}


@pytest.mark.parametrize("body", ["{bad", '{"ids":null}', '{"ids":["AAPL"]}', '{"ids":[99999999]}', "[]"])
def test_a_damaged_watchlist_stops_nobody(make_desk: MakeDesk, home: Path, body: str) -> None:
    store = open_store(home)
    write(store, "watchlist", body, "main")
    desk = make_desk(store=store)
    desk.run("W")
    desk.run("W ADD AAPL")
    kept = store.state("tester").get("watchlist", "main")
    assert kept is not None
    assert kept["ids"][-1] == desk.directory().resolve("AAPL").security.ref.security_id


# -- two desks of one analyst ---------------------------------------------------------------------------


def test_a_setting_of_one_desk_survives_a_setting_of_another(make_desk: MakeDesk, home: Path) -> None:
    first, second = make_desk(), make_desk(store=open_store(home))
    first.run("SET period=5Y")
    second.run("SET theme=light")
    assert second.preferences["period"] == "5Y"
    after = make_desk(store=open_store(home)).preferences
    assert (after["period"], after["theme"]) == ("5Y", "light")


def test_a_setting_that_cannot_be_kept_is_not_in_force(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk()

    def refuse(*_: object) -> None:
        raise StoreError("the catalog may not be written")

    monkeypatch.setattr("store.state.UserState.update", refuse)
    with pytest.raises(DataError, match="may not be written"):
        desk.run("SET timezone=UTC")
    assert desk.preferences["timezone"] == "America/New_York"
    with pytest.raises(CommandError):
        desk.run("SET theme=pink")
    assert desk.preferences["theme"] == "amber"


def test_each_desk_s_lines_are_kept(make_desk: MakeDesk, home: Path) -> None:
    first, second = make_desk(), make_desk(store=open_store(home))
    for desk, lines in ((first, ("AAPL", "IBM")), (second, ("MSFT", "AAPL"))):
        for line in lines:
            desk.run(line)
        desk.save_history()
    assert json.dumps(second.history) == '["IBM", "MSFT", "AAPL"]'
    first.save_history()  # nothing new: nothing moves
    assert make_desk(store=open_store(home)).history == ["IBM", "MSFT", "AAPL"]
    first.run("HELP")
    first.save_history()
    assert make_desk(store=open_store(home)).history == ["IBM", "MSFT", "AAPL", "HELP"]


def test_a_full_history_makes_room_for_every_desk_s_lines(home: Path) -> None:
    state = open_store(home).state("tester")
    old = [f"old {number}" for number in range(500)]
    state.put("history", "", {"lines": old})
    for name in ("a", "b"):
        keep_lines(state, old, [*old, f"{name} 1", f"{name} 2"][-500:])
    kept = (state.get("history") or {})["lines"]
    assert len(kept) == 500
    assert kept[-5:] == ["old 499", "a 1", "a 2", "b 1", "b 2"]


@pytest.mark.parametrize(
    ("opened_with", "now", "new"),
    [
        ("", "", ""),
        ("", "ab", "ab"),
        ("abc", "abc", ""),
        ("abc", "abcd", "d"),
        ("abc", "acb", "b"),
        ("abc", "bca", "a"),
        ("abc", "bcxa", "xa"),
        ("abc", "cxy", "xy"),
    ],
)
def test_what_was_run_since(opened_with: str, now: str, new: str) -> None:
    assert run_since(opened_with, now) == list(new)


# -- the log --------------------------------------------------------------------------------------------


def test_the_log_of_one_user_shows_nobody_else_s_commands(make_desk: MakeDesk, home: Path) -> None:
    names = ("ann", "ann-lee", "ann-1", "ann lee", "an", "ann.", "\udcffann")
    for name in names:
        log(home, name, "ran", command=f"of {name}")
        close_logs()
    for name in names:
        assert [event["command"] for event in events(home, name)] == [clean(f"of {name}")]
    assert "lee" not in encode(make_desk("ann", open_store(home)).run("LOG"), "text")


def test_damaged_lines_of_the_log_are_left_out(make_desk: MakeDesk, home: Path) -> None:
    desk = make_desk()
    desk.run("AAPL")
    odd = (
        '{"event":"odd","user":"tester","timestamp":"2020-01-01T00:00:00","milliseconds":"long"}',
        '{"event":"odd","user":"tester","timestamp":5,"milliseconds":{}}',
        '{"event":null}', "[]", "{bad", '"',
    )  # fmt: skip
    (home / "logs" / "tester-1.jsonl").write_text("\n".join(odd))
    (home / "logs" / "tester-2.jsonl").mkdir()
    (home / "logs" / "tester-3.jsonl").symlink_to(home / "nowhere")
    text = encode(desk.run("LOG"), "text")
    assert "AAPL" in text


def test_the_log_takes_any_text(home: Path) -> None:
    log(home, "tester", "ran", command="a\udcffb \ud800", failure="\x00")
    close_logs()
    (event,) = events(home, "tester")
    assert event["event"] == "ran"
    str(event["command"]).encode()


def test_the_log_is_written_through_no_link(tmp_path: Path) -> None:
    """Colleagues share its folder, and a file's name can be told before."""
    mine = tmp_path / "mine"
    mine.write_text("as it was")
    path = log_path(tmp_path, "ana")
    path.parent.mkdir()
    path.symlink_to(mine)
    log(tmp_path, "ana", "ran")
    path.unlink()
    os.mkfifo(path)
    log(tmp_path, "ana", "ran")
    assert mine.read_text() == "as it was"
