"""Real quotes: AAPL over its split of seven for one, and a year of one contract."""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.backtest.market import Market
from engine.backtest.options import ChainMarket, parse, run_options
from engine.backtest.options.marks import fitted
from engine.backtest.result import Costs, Terms
from engine.quant.options import black76
from tests.backtest.options.chains import Terms as Contract
from tests.backtest.options.chains import made, underlying

LEAN = Path(__file__).resolve().parents[4] / "shared" / "data" / "equity" / "lean_data_subset.tar.xz"
FOLDER = "Data/option/usa/daily/"
NAMES = ("aapl_2014_quote_american.zip", "aapl_2015_quote_american.zip")
BARS = "Data/equity/usa/daily/aapl.zip"


@cache
def files() -> dict[str, bytes]:
    if not LEAN.exists():
        pytest.skip("the real quotes are not here: ../shared/data/equity/lean_data_subset.tar.xz")
    wanted = {BARS, *(FOLDER + name for name in NAMES)}
    with tarfile.open(LEAN) as archive:
        return {each.name: _bytes(archive, each) for each in archive if each.name in wanted}


def _bytes(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    handle = archive.extractfile(member)
    assert handle is not None
    return handle.read()


def bars(first: str, last: str, **more: Any) -> Market:
    """The underlying as traded: prices in ten-thousandths."""
    rows = [line.split(",") for line in _lines() if first <= line[:8] <= last]
    days = [f"{row[0][:4]}-{row[0][4:6]}-{row[0][6:8]}" for row in rows]
    prices = {
        name: [int(row[at]) / 1e4 for row in rows] for at, name in ((1, "open"), (2, "high"), (3, "low"))
    }
    closes = [int(row[4]) / 1e4 for row in rows]
    return underlying(closes, dates=np.array(days, dtype="datetime64[D]"), **prices, **more)


def _lines() -> list[str]:
    with zipfile.ZipFile(io.BytesIO(files()[BARS])) as inside:
        return inside.read(inside.namelist()[0]).decode().splitlines()


def chain(name: str, market: Market) -> ChainMarket:
    """Closing bids and asks of a file of daily quotes."""
    terms: list[Contract] = []
    found = []
    at = {str(day).replace("-", ""): row for row, day in enumerate(market.dates)}
    with zipfile.ZipFile(io.BytesIO(files()[FOLDER + name])) as inside:
        for entry in inside.namelist():
            kind, strike, day = re.match(r".*_(call|put)_(\d+)_(\d+)\.csv", entry).groups()  # type: ignore[union-attr]
            terms.append((1 if kind == "call" else -1, int(strike) / 1e4, f"{day[:4]}-{day[4:6]}-{day[6:]}"))
            for line in inside.read(entry).decode().splitlines():
                row, bid, ask = at.get(line[:8]), *(line.split(",")[place] for place in (4, 9))
                if row is not None:
                    found.append((row, len(terms) - 1, _price(bid), _price(ask)))
    columns = np.array(found)
    return made(
        market, terms, columns[:, 0].astype(int), columns[:, 1].astype(int), columns[:, 2], columns[:, 3]
    )


def _price(text: str) -> float:
    return int(text) / 1e4 if text else float("nan")


def test_a_put_chosen_before_a_split_is_sold_as_the_contract_it_became() -> None:
    market = bars("20140606", "20140609", split=[1.0, 7.0])
    assert market.close[:, 0].tolist() == [645.57, 93.7]
    book = chain(NAMES[0], market)
    text = "sell put delta 0.30 expiry 43; size cash_secured"
    outcome = run_options(book, market, parse(text), Costs(), Terms(100_000), rates=0.001)
    result = outcome.result
    (put,) = result.trades
    # 615 or so before the split; the clearing house listed its seventh, to the nearest cent
    listed = re.match(r"A 2014-07-19 P ([\d.]+)", put.symbol)
    assert listed is not None
    strike = float(listed[1])
    assert round(strike * 7) % 5 == 0
    assert 0.90 < strike / 93.7 < 1.0
    contract = book.symbols.index(put.symbol)
    bid, ask = book.session(1).of(contract) or (0.0, 0.0)
    assert (put.entry_price, result.equity[-1]) == (
        pytest.approx(bid),
        pytest.approx(100_000 + put.shares * ((ask - bid) / 2 + 0.0065)),
    )
    assert -put.shares * strike <= 100_000
    assert put.shares == -700  # one set of 62,000 before the split is seven contracts after it


def test_a_year_of_one_contract_is_marked_at_its_quotes() -> None:
    market = bars("20150102", "20151231")
    book = chain(NAMES[1], market)
    outcome = run_options(
        book, market, parse("buy call strike 100 expiry 378; close at 100% profit; every yearly")
    )
    result = outcome.result
    (call,) = result.trades
    # bought at the ask of 16.05 on the second session, as the file has it
    assert (str(call.entry_date), call.entry_price) == ("2015-01-05", pytest.approx(16.05))
    assert call.exit_reason == "100% profit"
    bid, ask = book.session(list(result.dates).index(call.exit_date)).of(0) or (0.0, 0.0)
    assert call.exit_price == pytest.approx(bid)
    assert ask > bid
    held = (result.dates >= call.entry_date) & (result.dates < call.exit_date)
    mids = np.array([sum(book.session(row).of(0) or (0, 0)) / 2 for row in np.flatnonzero(held)])
    expected = 1e6 - 16.05 * 100 - 0.65 + 100 * mids
    np.testing.assert_allclose(result.equity[held], expected, atol=1e-4)
    # decided on the first close at which the mid was double the price paid, and sold a session later
    decided = np.flatnonzero(held)[-1]
    assert mids[-1] >= 2 * 16.05 > mids[-2]
    assert result.dates[decided + 1] == call.exit_date


def test_the_surface_that_stands_in_for_a_missing_quote_comes_near_the_quotes() -> None:
    market = bars("20140606", "20140609", split=[1.0, 7.0])
    book = chain(NAMES[0], market)
    surface = fitted(book, 0, 645.57, np.array([0.001, 0.001]))
    assert surface is not None
    quotes = book.session(0)
    strike = book.strike[quotes.contract]
    years = (book.expiry[quotes.contract] - market.dates[0]) / np.timedelta64(1, "D") / 365
    near = (np.abs(np.log(strike / 645.57)) < 0.15) & (quotes.bid > 0) & (years > 5 / 365)
    near &= quotes.ask - quotes.bid < 0.1 * quotes.mid
    kind, k, t = book.kind[quotes.contract][near].astype(float), strike[near], years[near]
    forward = surface.forward_at(t)
    price = black76(
        kind, forward, k, t, surface.implied_volatility(np.log(k / forward), t), surface.discount_at(t)
    )
    error = np.abs(price / quotes.mid[near] - 1)
    assert near.sum() > 500
    assert np.median(error) < 0.01
    assert np.quantile(error, 0.9) < 0.05
