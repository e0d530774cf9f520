"""Yahoo: prices as traded out of adjusted ones, and what its answers lack or have too much of."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest

from providers.errors import Kind, SourceError
from providers.source import Request, Subject
from providers.yahoo import SOURCE
from providers.yahoo_symbols import symbol_of
from tests.providers.sources.loopback import Asked, Said, Sample, recorded
from tests.providers.sources.samples import yahoo as samples
from tests.providers.sources.samples.yahoo import NOW, SAMPLES, STOCK, asked
from tests.providers.sources.vendors import answer_to, answered, counts, rows

FETCHED = datetime(2025, 2, 24, 23, 0, tzinfo=UTC)  # when the recorded answers were


def body(name: str) -> bytes:
    """The body of a recorded exchange."""
    return json.dumps(json.loads(recorded("yahoo", name))["response"]["bodyJson"]).encode()


@pytest.mark.parametrize(
    "sample", SAMPLES, ids=lambda each: f"{each.request.dataset}-{each.request.subject.ticker}"
)
def test_samples_make_their_rows(sample: Sample, tmp_path: Path) -> None:
    assert counts(answer_to(sample, SOURCE, tmp_path)) == dict(sample.rows)


def test_split_is_undone_and_running_session_left_out(tmp_path: Path) -> None:
    answer = answer_to(SAMPLES[0], SOURCE, tmp_path)
    bars = rows(answer, "bars")
    assert [bar["session_date"].day for bar in bars] == [27, 28, 31]
    assert [bar["close"] for bar in bars] == [404.0, 408.0, 103.0]
    assert [bar["volume"] for bar in bars] == [1000, 2000, 1000]
    split, dividend = sorted(rows(answer, "actions"), key=lambda row: -row["ex_date"].day)
    assert (split["ratio"], dividend["amount"], dividend["currency"]) == (4.0, 0.8, "USD")
    assert bars[0]["known_at"] == datetime(2020, 8, 27, 20, 0, tzinfo=UTC)
    assert [aside.reason for aside in answer.quarantined] == ["no price, or not all four, or no time"]


def test_range_always_ends_today_so_that_later_splits_are_in_the_answer(tmp_path: Path) -> None:
    from tests.providers.sources.loopback import ask, serving

    request = asked("bars", STOCK, date(2020, 8, 27), date(2020, 8, 28))
    with serving(SAMPLES[0].behaviour()) as server:
        answer = ask(SOURCE, request, server, tmp_path, now=NOW)
        assert int(server.asked[0].query["period2"]) > samples.stamp(2, 9)
    assert [bar["close"] for bar in rows(answer, "bars")] == [404.0, 408.0]


def test_recorded_split_of_apple_on_its_ex_date(tmp_path: Path) -> None:
    """Apple closed at 129.04 on 2020-08-31, the first day of its 4 for 1 split."""
    request = Request("bars", Subject("us-equity:AAPL", "AAPL"), date(2020, 8, 31), date(2020, 11, 7))
    served = {"/v8/finance/chart/AAPL": body("chart-AAPL-2020-08-31-to-2020-11-07.json")}
    answer = answered(SOURCE, request, served, tmp_path, FETCHED)
    bars = rows(answer, "bars")
    assert (bars[0]["close"], bars[0]["volume"]) == (129.04, 225_702_700)
    assert [(row["kind"], row["ratio"], row["amount"]) for row in rows(answer, "actions")] == [
        ("dividend", None, 0.205), ("split", 4.0, None),
    ]  # fmt: skip


def test_recorded_bars_before_a_split_are_as_traded(tmp_path: Path) -> None:
    """NVIDIA closed at 751.19 on 2021-07-19 and at 186.12 on 2021-07-20, when it split 4 for 1. The recorded
    range ends before the split 10 for 1 of 2024, which is therefore added as the fetch would find it today."""
    answer = json.loads(body("historical-via-chart-NVDA-split-2021-02-01-to-2022-01-31.csv.json"))
    later = int(datetime(2024, 6, 10, 13, 30, tzinfo=UTC).timestamp())
    answer["chart"]["result"][0]["events"]["splits"][str(later)] = {
        "date": later, "numerator": 10, "denominator": 1, "splitRatio": "10:1",
    }  # fmt: skip
    request = Request("bars", Subject("us-equity:NVDA", "NVDA"), date(2021, 2, 1), date(2022, 1, 31))
    served = {"/v8/finance/chart/NVDA": json.dumps(answer).encode()}
    bars = {
        row["session_date"]: row for row in rows(answered(SOURCE, request, served, tmp_path, FETCHED), "bars")
    }
    assert bars[date(2021, 7, 19)]["close"] == pytest.approx(751.19, abs=0.005)
    assert bars[date(2021, 7, 20)]["close"] == pytest.approx(186.12, abs=0.005)
    assert bars[date(2021, 2, 1)]["close"] == pytest.approx(529.48, abs=0.005)


@pytest.mark.parametrize(
    ("subject", "name", "day", "close", "known_at"),
    [
        (Subject("crypto:BTCUSD", "BTCUSD", "CRYPTO", "crypto"), "chart-BTC-USD-2020-01-01-to-2020-01-03",
         date(2020, 1, 1), 7200.174, datetime(2020, 1, 2, tzinfo=UTC)),
        (Subject("fx:EURUSD", "EURUSD", "CURNCY", "currency"), "chart-EURUSD=X-2020-01-01-to-2020-01-03",
         date(2020, 1, 2), 1.122083, datetime(2020, 1, 2, 23, 59, 59, 999999, tzinfo=UTC)),
        (Subject("future:GC", "GC", "COMDTY", "future"), "chart-GC=F-2020-01-01-to-2020-01-03",
         date(2020, 1, 2), 1524.5, datetime(2020, 1, 3, 4, 59, 59, 999999, tzinfo=UTC)),
        (Subject("equity:OCDO", "OCDO", exchange="XLON"), "chart-OCDO.L-2020-01-01-to-2020-01-03",
         date(2020, 1, 2), None, datetime(2020, 1, 2, 16, 30, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_recorded_markets(
    subject: Subject, name: str, day: date, close: float | None, known_at: datetime, tmp_path: Path
) -> None:
    served = {f"/v8/finance/chart/{symbol_of(subject)}": body(name + ".json")}
    bars = rows(answered(SOURCE, Request("bars", subject), served, tmp_path, FETCHED), "bars")
    bar = next(row for row in bars if row["session_date"] == day)
    assert bar["known_at"] == known_at
    if close is not None:
        assert bar["close"] == close
    else:  # 1,279 pence are 12.79 pounds
        assert 10 < bar["close"] < 14


def test_recorded_chain(tmp_path: Path) -> None:
    request = Request("options", Subject("us-equity:AAPL", "AAPL"), detail="2025-02-28")
    served = {"/v7/finance/options/AAPL": body("options-AAPL.json")}
    quotes = rows(answered(SOURCE, request, served, tmp_path, FETCHED), "option_quotes")
    assert len(quotes) == 54 + 48
    one = next(row for row in quotes if row["contract"] == "AAPL250228C00110000")
    assert (one["strike"], one["bid"], one["ask"], one["right"]) == (110.0, 135.9, 136.65, "call")
    assert (one["expiry"], one["underlying_price"]) == (date(2025, 2, 28), 245.55)


def test_recorded_profile_and_news(tmp_path: Path) -> None:
    apple = Subject("us-equity:AAPL", "AAPL")
    served = {"/v10/finance/quoteSummary/AAPL": body("quoteSummary-assetProfile-AAPL.json")}
    (profile,) = rows(answered(SOURCE, Request("profile", apple), served, tmp_path, FETCHED), "profiles")
    assert (profile["sector"], profile["known_at"]) == ("Technology", FETCHED)
    served = {"/v1/finance/search": body("search-AAPL.json")}
    headlines = rows(answered(SOURCE, Request("news", apple), served, tmp_path, FETCHED), "headlines")
    assert "Why Trump could 'move fast' on Apple's $500B US investment plan" not in {
        row["title"] for row in headlines if row["published_at"] > FETCHED
    }
    refusal = {"/v10/finance/quoteSummary/ADH": Said(body("quoteSummary-assetProfile-ADH.json"), 404)}
    with pytest.raises(SourceError) as raised:
        answered(SOURCE, Request("profile", Subject("us-equity:ADH", "ADH")), refusal, tmp_path, FETCHED)
    assert raised.value.kind is Kind.NOT_FOUND


def test_a_recorded_bar_without_its_time_is_set_aside(tmp_path: Path) -> None:
    served = {"/v8/finance/chart/AAPL": body("chart-notimestamp-quotes-length.fake.json")}
    request = Request("bars", Subject("us-equity:AAPL", "AAPL"))
    answer = answered(SOURCE, request, served, tmp_path, FETCHED)
    assert counts(answer) == {}
    assert [aside.reason for aside in answer.quarantined] == ["a bar without its time"]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Said(b"Too Many Requests"), Kind.RATE_LIMIT),
        (Said(b'{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found"}}}', 404),
         Kind.NOT_FOUND),
        (Said(b"<html>gone</html>", 404), Kind.NOT_FOUND),
        (Said(b"<html>consent</html>"), Kind.MALFORMED),
        (Said(b'{"finance":{"result":null,"error":{"code":"Unauthorized","description":"Invalid Crumb"}}}'),
         Kind.FORBIDDEN),
        (Said(b'{"chart":{"result":[{"meta":{"exchangeTimezoneName":"Mars/Olympus"}}],"error":null}}'),
         Kind.MALFORMED),
        (Said(b'{"chart":{"result":"none","error":null}}'), Kind.MALFORMED),
    ],
)  # fmt: skip
def test_refusals_are_told_apart(said: Said, kind: Kind, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        answered(SOURCE, asked("bars"), {"/v8/finance/chart/ZZZ": said}, tmp_path, NOW)
    assert raised.value.kind is kind


def test_a_range_without_bars_is_an_answer(tmp_path: Path) -> None:
    said = Said(b'{"chart":{"result":null,"error":{"code":"Bad Request","description":'
                b'"Data doesn\'t exist for startDate = 1, endDate = 2"}}}', 400)  # fmt: skip
    answer = answered(SOURCE, asked("bars"), {"/v8/finance/chart/ZZZ": said}, tmp_path, NOW)
    assert counts(answer) == {}


def test_what_yahoo_cannot_know_is_not_asked(tmp_path: Path) -> None:
    for request in (
        asked("options", STOCK, date(2019, 1, 2), date(2019, 1, 2)),
        asked("bars", Subject("commodity:WTI", "WTI", "COMDTY", "commodity")),
        asked("facts"),
    ):
        with pytest.raises(SourceError) as raised:
            answered(SOURCE, request, {}, tmp_path, NOW)
        assert raised.value.kind is Kind.NOT_SERVED


@pytest.mark.parametrize(
    ("subject", "symbol"),
    [
        (Subject("us-equity:BRK.B", "BRK.B"), "BRK-B"),
        (Subject("index:SPX", "SPX", "INDEX", "index"), "^GSPC"),
        (Subject("index:VIX", "VIX", "INDEX", "index"), "^VIX"),
        (Subject("equity:SAP", "SAP", exchange="XETR"), "SAP.DE"),
        (Subject("crypto:ETHUSD", "ETHUSD", "CRYPTO", "crypto"), "ETH-USD"),
        (Subject("future:ES", "ES", "INDEX", "future"), "ES=F"),
    ],
)
def test_symbols(subject: Subject, symbol: str) -> None:
    assert symbol_of(subject) == symbol


def test_days_that_begin_the_evening_before_in_utc_are_asked_for(tmp_path: Path) -> None:
    """Yahoo leaves out what is stamped before period1: Sydney's summer day opens at 23:00 UTC of the day before."""
    sydney = Subject("equity:ZZZ", "ZZZ", exchange="XASX", calendar="XASX")
    stamps = [int(datetime(2020, 1, day, 23, tzinfo=UTC).timestamp()) for day in (5, 6)]
    prices = {name: [10.0, 11.0] for name in ("open", "high", "low", "close")} | {"volume": [1, 2]}

    def behaviour(asked: Asked) -> Said:
        inside = [at for at, stamp in enumerate(stamps) if stamp >= int(asked.query["period1"])]
        quote = {name: [values[at] for at in inside] for name, values in prices.items()}
        meta = {"exchangeName": "ASX", "exchangeTimezoneName": "Australia/Sydney", "currency": "AUD"}
        return Said(samples.chart([stamps[at] for at in inside], quote, **meta))

    request = Request("bars", sydney, date(2020, 1, 6), date(2020, 1, 7))
    found = rows(answered(SOURCE, request, behaviour, tmp_path, NOW), "bars")
    assert [row["session_date"].day for row in found] == [6, 7]
    request = replace(request, start=date(2020, 1, 7))
    assert len(rows(answered(SOURCE, request, behaviour, tmp_path, NOW), "bars")) == 1


def test_hours_that_begin_at_a_quarter_are_bars(tmp_path: Path) -> None:
    """Bombay opens at 03:45 UTC."""
    india = Subject("equity:ZZZ", "ZZZ", exchange="XBOM", calendar="XBOM")
    prices = {name: [10.0, 11.0] for name in ("open", "high", "low", "close")} | {"volume": [1, 2]}
    stamps = [samples.stamp(1, 9, 3, 45), samples.stamp(1, 9, 4, 45)]
    told = samples.chart(
        stamps, prices, exchangeName="BSE", exchangeTimezoneName="Asia/Kolkata", currency="INR"
    )
    request = Request("intraday", india, date(2020, 9, 1), date(2020, 9, 1), "1h")
    answer = answered(SOURCE, request, {"/v8/finance/chart/ZZZ.BO": told}, tmp_path, NOW)
    assert [row["start_at"].hour for row in rows(answer, "bars_intraday")] == [3, 4]


@pytest.mark.parametrize(
    ("more", "ratio"),
    [
        ({"numerator": 4, "denominator": 1}, 4.0),
        ({"numerator": 3, "denominator": 2}, 6.0),
        ({"numerator": 1, "denominator": 10}, 0.4),
    ],
)
def test_splits_of_one_day_are_one(more: dict[str, int], ratio: float, tmp_path: Path) -> None:
    """One told twice is one; two of different ratios multiply. Prices before the day come divided by all of them."""
    body = json.loads(samples.DAILY)
    events = body["chart"]["result"][0]["events"]
    events["splits"]["2"] = {"date": samples.stamp(31, hour=14), **more}
    events["dividends"]["3"] = {"amount": 0.5, "date": samples.stamp(27, minute=31)}
    answer = answered(
        SOURCE, samples.asked("bars"), {"/v8/finance/chart/ZZZ": json.dumps(body).encode()}, tmp_path, NOW
    )
    assert [row["close"] for row in rows(answer, "bars")] == pytest.approx(
        [101.0 * ratio, 102.0 * ratio, 103.0]
    )
    told = {row["kind"]: row for row in rows(answer, "actions")}
    assert (len(told), told["split"]["ratio"]) == (2, ratio)
    assert told["dividend"]["amount"] == pytest.approx(0.7 * ratio)  # both of the day are one amount


@pytest.mark.parametrize("ticker", ["../../v1/x", "A?b=c", "A#b", "A%2e%2e", "A B", "É", "M&M"])
def test_no_ticker_leads_to_another_address(ticker: str, tmp_path: Path) -> None:
    paths: list[str] = []

    def behaviour(question: Asked) -> Said:
        paths.append(question.path)
        return Said(samples.DAILY)

    request = Request("bars", Subject("us-equity:X", ticker))
    answered(SOURCE, request, behaviour, tmp_path, NOW)
    (path,) = paths
    wanted = ticker.replace("/", "-").replace(".", "-")
    assert path.startswith("/v8/finance/chart/")
    assert unquote(path.removeprefix("/v8/finance/chart/")) == wanted


def test_what_has_no_letter_is_no_symbol(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        answered(SOURCE, Request("lookup", Subject("us-equity:X", "..")), {}, tmp_path, NOW)
    assert raised.value.kind is Kind.NOT_SERVED


def test_a_volume_beyond_the_stores_is_none_and_spoils_no_other_bar(tmp_path: Path) -> None:
    body = json.loads(samples.DAILY)
    body["chart"]["result"][0]["indicators"]["quote"][0]["volume"][1] = 10**30
    answer = answered(
        SOURCE, samples.asked("bars"), {"/v8/finance/chart/ZZZ": json.dumps(body).encode()}, tmp_path, NOW
    )
    assert [row["volume"] for row in rows(answer, "bars")] == [1000, None, 1000]


def test_a_mutual_funds_value_is_known_in_the_evening(tmp_path: Path) -> None:
    told = samples.DAILY.replace(b'"EQUITY"', b'"MUTUALFUND"')
    found = rows(answered(SOURCE, asked("bars"), {"/v8/finance/chart/ZZZ": told}, tmp_path, NOW), "bars")
    assert found[-1]["session_date"] == date(2020, 8, 31)
    assert found[-1]["known_at"] == datetime(2020, 9, 1, 3, 59, 59, 999999, tzinfo=UTC)


def test_minutes_beyond_yahoos_reach_stay_open_for_others(tmp_path: Path) -> None:
    sample = next(each for each in SAMPLES if each.request.dataset == "intraday")
    request = replace(sample.request, start=date(2020, 1, 2))
    assert answered(SOURCE, request, sample.routes, tmp_path, NOW).start == date(2020, 8, 5)
    assert answered(SOURCE, sample.request, sample.routes, tmp_path, NOW).start is None
