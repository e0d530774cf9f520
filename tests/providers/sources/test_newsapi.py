"""NewsAPI: pages, removed articles, publication's day in New York, errors by their code."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from providers.errors import Kind, SourceError
from providers.newsapi import SOURCE, search_words
from providers.source import Request, Subject
from providers.validate import check
from tests.providers.sources.loopback import Asked, Said, ask, recorded, serving
from tests.providers.sources.samples.newsapi import APPLE, BUSINESS, SAMPLES, article, page

KEY = {"key": "loopback-key"}


@pytest.mark.parametrize("sample", SAMPLES)
def test_samples(tmp_path: Path, sample) -> None:
    with serving(sample.behaviour()) as server:
        answer = ask(SOURCE, sample.request, server, tmp_path, secrets=sample.secrets)
    frame = answer.frames["headlines"]
    assert frame.height == sample.rows["headlines"]
    assert frame["identity"].unique().to_list() == [sample.request.subject.identity]
    assert check("headlines", frame).good.height == frame.height
    assert server.asked[0].headers["x-api-key"] == "loopback-key"
    assert "loopback-key" not in str(server.asked[0].query)


def test_a_day_is_new_yorks_and_text_is_one_clean_line(tmp_path: Path) -> None:
    told = article(1, "2026-11-19T02:30:00Z", "Up\x1b[31m \u202eand away\n")
    with serving(lambda _: Said(page([told]))) as server:
        answer = ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets=KEY)
    row = answer.frames["headlines"].row(0, named=True)
    assert row["session_date"] == date(2026, 11, 18)
    assert row["known_at"] == row["published_at"] == datetime(2026, 11, 19, 2, 30, tzinfo=UTC)
    assert row["known_basis"] == "exact"
    assert row["title"] == "Up [31m and away"
    assert row["summary"] == "What it did, and why."


def test_pages_are_followed_and_a_plan_that_ends_early_is_told(tmp_path: Path) -> None:
    def behaviour(asked: Asked) -> Said:
        number = int(asked.query["page"])
        if number == 3:
            return Said(b'{"status": "error", "code": "maximumResultsReached", "message": "No more."}', 426)
        first = 100 * number
        return Said(page([article(first + n, f"2026-11-1{number}T10:00:00Z") for n in range(100)], 250))

    with serving(behaviour) as server:
        answer = ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets=KEY)
    assert answer.frames["headlines"].height == 200
    assert "200 of 250" in answer.note


def test_what_is_no_headline_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    rows = [
        article(1, "2026-11-19T02:30:00Z", "[Removed]"),
        article(2, "2026-11-19T02:30:00"),
        article(3, "2027-01-01T00:00:00Z"),
        {**article(4, "2026-11-19T02:30:00Z"), "title": None},
        article(5, "2026-11-19T02:30:00Z"),
        article(5, "2026-11-19T02:30:00Z"),
        article(6, "2026-11-19T02:30:00Z", "One thing"),
        article(6, "2026-11-19T02:30:00Z", "Another"),
    ]
    with serving(lambda _: Said(page(rows))) as server:
        answer = ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets=KEY)
    assert answer.frames["headlines"]["title"].to_list() == ["Apple does thing 5"]
    assert {each.reason for each in answer.quarantined} == {
        "removed by the publisher",
        "publishedAt is no instant with its time zone",
        "published after it was fetched",
        "no title",
        "the answer has contradictory rows of one key",
    }


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("apiKeyInvalid", Kind.NEEDS_KEY),
        ("rateLimited", Kind.RATE_LIMIT),
        ("parameterInvalid", Kind.REFUSED),
        ("maximumResultsReached", Kind.REFUSED),
    ],
)
def test_an_error_inside_a_200(tmp_path: Path, code: str, kind: Kind) -> None:
    body = f'{{"status": "error", "code": "{code}", "message": "Because."}}'.encode()
    with serving(lambda _: Said(body)) as server, pytest.raises(SourceError, match="Because") as error:
        ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets=KEY)
    assert error.value.kind is kind


def test_what_is_searched() -> None:
    assert search_words(APPLE) == '"Apple" OR "AAPL stock"'
    assert search_words(Subject("us-equity:F", "F", name="Ford Motor Company")) == '"Ford Motor"'
    assert (
        search_words(Subject("channel:inflation", "NEWS.INFLATION", asset_class="channel")) == '"inflation"'
    )


def test_the_recorded_answers(tmp_path: Path) -> None:
    body = recorded("newsapi", "top_headlines_2023-01.json")
    now = datetime(2023, 1, 26, 12, 0, tzinfo=UTC)
    with serving(lambda _: Said(body)) as server:
        answer = ask(SOURCE, Request("news", BUSINESS), server, tmp_path, secrets=KEY, now=now)
    frame = answer.frames["headlines"]
    assert frame.height + sum(each.rows.height for each in answer.quarantined if each.rows is not None) >= 1
    assert frame["known_at"].max() <= now
    assert "Backlash grows against DeSantis" in " ".join(frame["title"])
    empty = recorded("newsapi", "empty.json")
    with serving(lambda _: Said(empty)) as server:
        assert ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets=KEY).frames["headlines"].is_empty()
    wrong = recorded("newsapi", "error_401_apiKeyInvalid.json")
    with serving(lambda _: Said(wrong, 401)) as server, pytest.raises(SourceError) as error:
        ask(SOURCE, SAMPLES[0].request, server, tmp_path, secrets=KEY)
    assert error.value.kind is Kind.NEEDS_KEY
