"""Reddit: the token, days of New York, mentions by whole words, tone by the word list, no names kept."""

import base64
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from providers.errors import Kind, SourceError
from providers.lexicon import NEGATIVE, POSITIVE, score
from providers.reddit import SOURCE, names
from providers.source import Request
from providers.validate import check
from tests.providers.sources.loopback import Asked, Said, ask, day, recorded, serving
from tests.providers.sources.samples.reddit import NVDA, SAMPLES, SECRETS, TOKEN, listing, post

SAMPLE = SAMPLES[0]


def test_mentions_a_day_and_the_day_still_running_left_out(tmp_path: Path) -> None:
    with serving(SAMPLE.behaviour()) as server:
        answer = ask(SOURCE, SAMPLE.request, server, tmp_path, secrets=SECRETS)
    frame = answer.frames["sentiment"]
    assert frame["session_date"].to_list() == [date(2026, 11, 17), date(2026, 11, 18), date(2026, 11, 19)]
    assert frame["mentions"].to_list() == [1, 2, 0]
    assert frame["positive"].to_list() == [1, 1, 0]
    assert frame["negative"].to_list() == [0, 1, 0]
    assert frame["score"].to_list() == [1.0, 0.0, None]
    assert frame["channel"].unique().to_list() == ["reddit:stocks"]
    assert frame["known_at"].max() <= datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
    assert check("sentiment", frame).good.height == 3
    kept = json.dumps(frame.to_dicts(), default=str)
    assert "somebody" not in kept
    assert "outlook" not in kept
    token, search = server.asked
    assert (token.method, token.body) == ("POST", b"grant_type=client_credentials")
    assert (
        token.headers["authorization"] == "Basic " + base64.b64encode(b"loopback-id:loopback-secret").decode()
    )
    assert search.headers["authorization"] == "Bearer loopback-token"
    assert search.query["t"] == "week"


def test_pages_are_followed_until_the_first_day_asked_for(tmp_path: Path) -> None:
    def behaviour(asked: Asked) -> Said:
        if asked.method == "POST":
            return Said(json.dumps(TOKEN).encode())
        if asked.query.get("after") == "t3_b":
            return Said(listing([post("t3_a", "2026-11-10T10:00", "NVDA rally")], "t3_a"))
        return Said(listing([post("t3_b", "2026-11-19T10:00", "NVDA rally")], "t3_b"))

    request = Request("sentiment", NVDA, day("2026-11-16"), day("2026-11-19"), "stocks")
    with serving(behaviour) as server:
        answer = ask(SOURCE, request, server, tmp_path, secrets=SECRETS)
    assert answer.frames["sentiment"]["mentions"].to_list() == [0, 0, 0, 1]
    assert len(server.asked) == 3


def test_a_day_on_which_the_search_broke_off_is_not_written(tmp_path: Path) -> None:
    posts = [
        post(f"t3_{n}", "2026-11-18T10:00" if n < 60 else "2026-11-17T10:00", "NVDA") for n in range(100)
    ]
    routes = {"/api/v1/access_token": json.dumps(TOKEN).encode(), "/r/stocks/search": listing(posts)}
    request = Request("sentiment", NVDA, day("2026-11-16"), day("2026-11-18"), "stocks")
    with serving(lambda asked: Said(routes[asked.path])) as server:
        answer = ask(SOURCE, request, server, tmp_path, secrets=SECRETS)
    assert answer.frames["sentiment"].select("session_date", "mentions").rows() == [(date(2026, 11, 18), 60)]


def test_a_refused_client_and_a_closed_subreddit(tmp_path: Path) -> None:
    with (
        serving(lambda _: Said(b'{"error": "invalid_grant"}')) as server,
        pytest.raises(SourceError) as error,
    ):
        ask(SOURCE, SAMPLE.request, server, tmp_path, secrets=SECRETS)
    assert error.value.kind is Kind.NEEDS_KEY

    def closed(asked: Asked) -> Said:
        body = (
            TOKEN if asked.method == "POST" else {"error": 403, "message": "Forbidden", "reason": "private"}
        )
        return Said(json.dumps(body).encode())

    with serving(closed) as server, pytest.raises(SourceError, match="Forbidden"):
        ask(SOURCE, SAMPLE.request, server, tmp_path, secrets=SECRETS)


def test_names() -> None:
    assert names("NVDA", "buy NVDA now")
    assert names("NVDA", "$nvda")
    assert not names("NVDA", "my nvda is fine")
    assert not names("NVDA", "NVDAX")
    assert names("F", "$F to the moon")
    assert not names("F", "an F in maths")


def test_the_word_list_scores_openly() -> None:
    assert not POSITIVE & NEGATIVE
    assert score("NVDA beats, strong growth") == 1.0
    assert score("will crash and fall, but I hold") == pytest.approx(-1 / 3)
    assert score("not good") == -1.0
    assert score("the quarter") == 0.0


def test_the_recorded_listing_is_read(tmp_path: Path) -> None:
    found = recorded("reddit", "TestSubreddit.test_search__1.json")
    token = recorded("reddit", "TestReadOnlyAuthorizer.test_refresh__0.json")
    request = Request("sentiment", type(NVDA)("us-equity:PRAW", "PRAW"), detail="all")
    with serving(lambda asked: Said(token if asked.method == "POST" else found)) as server:
        answer = ask(
            SOURCE, request, server, tmp_path, secrets=SECRETS, now=datetime(2016, 7, 12, 18, tzinfo=UTC)
        )
    frame = answer.frames["sentiment"]
    assert frame["mentions"].sum() >= 4
    assert answer.quarantined == ()
