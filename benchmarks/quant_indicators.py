"""55 indicators over 500 symbols and 2,520 days: the catalogue's ``compute`` against bare TA-Lib calls.

Both sides in one process and interleaved, indicator by indicator; answers are checked equal, bit for bit, before
anything is timed. "bare" calls TA-Lib once a symbol on contiguous columns that lie ready, and keeps the answers.
Seconds are the processor's, so that other work on the machine does not count.
"from panels" also prepares the bars from (days, symbols) matrices, once for all 55.

    python benchmarks/quant_indicators.py [symbols] [days] [rounds]
"""

from __future__ import annotations

import gc
import statistics
import sys
from time import process_time
from typing import Any

import numpy as np
import talib

from engine.quant.indicators import Bars, Indicator, compute, indicator
from engine.quant.indicators.indicator import AVERAGES

WORDS = """
SMA EMA WMA DEMA TEMA TRIMA KAMA T3 BBANDS MIDPOINT MIDPRICE SAR HT_TRENDLINE ADX
ADXR APO AROON AROONOSC BOP CCI CMO DX MACD MFI MINUS_DI MINUS_DM MOM PLUS_DI
PLUS_DM PPO ROC ROCP RSI STOCH STOCHF STOCHRSI TRIX ULTOSC WILLR AD ADOSC OBV
ATR NATR TRANGE AVGPRICE MEDPRICE TYPPRICE WCLPRICE LINEARREG STDDEV TSF VAR CDLDOJI CDLENGULFING
"""
NAMES = WORDS.split()


def market(symbols: int, days: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.01, (days, symbols)), axis=0))
    open_ = close * np.exp(rng.normal(0, 0.004, close.shape))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.004, close.shape)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.004, close.shape)))
    return {
        "open": open_,
        "high": high,
        "low": low,
        "close": close,
        "volume": rng.uniform(1e5, 1e6, close.shape),
    }


def arguments(entry: Indicator) -> list[float]:
    return [AVERAGES[value] if isinstance(value, str) else value for value in entry.defaults.values()]


def bare(entry: Indicator, columns: dict[str, list[np.ndarray]]) -> list[Any]:
    call, settings = getattr(talib, entry.name), arguments(entry)
    return [call(*series, *settings) for series in zip(*(columns[f] for f in entry.inputs), strict=True)]


def check(entry: Indicator, columns: dict[str, list[np.ndarray]], bars: Bars) -> None:
    """Every value the same; where TA-Lib writes integers, from the first value on."""
    found = compute(entry.name, bars)
    for symbol, answers in enumerate(bare(entry, columns)):
        for output, values in zip(entry.outputs, (answers,) if len(found) == 1 else answers, strict=True):
            skip = entry.warm_up()
            mine = found[output.name][:, symbol]
            if not np.array_equal(mine[skip:], values[skip:], equal_nan=True):
                raise SystemExit(f"{entry.name} {output.name} differs")


def holed(panels: dict[str, np.ndarray]) -> Bars:
    """The same market, with 1% of the bars of every symbol missing, and a fifth of the symbols listed late."""
    rng = np.random.default_rng(5)
    shape = panels["close"].shape
    gone = rng.random(shape) < 0.01
    gone[: shape[0] // 3, ::5] = True
    return Bars({name: np.where(gone, np.nan, panel) for name, panel in panels.items()})


def main(symbols: int = 500, days: int = 2520, rounds: int = 7) -> dict[str, float]:
    panels = market(symbols, days)
    columns = {
        name: [np.ascontiguousarray(panel[:, s]) for s in range(symbols)] for name, panel in panels.items()
    }
    bars, entries = Bars(panels), [indicator(name) for name in NAMES]
    for entry in entries:
        check(entry, columns, bars)
    theirs, ours, whole = [], [], []
    gc.disable()
    for turn in range(rounds):
        spent = {"bare": 0.0, "ours": 0.0}
        begun = process_time()
        fresh = Bars(panels)
        for name in panels:
            fresh.views(name)
        prepared = process_time() - begun
        for at, entry in enumerate(entries):
            sides = [("bare", lambda: bare(entry, columns)), ("ours", lambda: compute(entry.name, fresh))]  # noqa: B023
            for side, run in sides if (at + turn) % 2 else reversed(sides):
                begun = process_time()
                kept = run()
                spent[side] += process_time() - begun
                del kept
        theirs.append(spent["bare"])
        ours.append(spent["ours"])
        whole.append(spent["ours"] + prepared)
    result = {
        "bare": statistics.median(theirs), "ours": statistics.median(ours), "from panels": statistics.median(whole),
        "ratio": statistics.median(a / b for a, b in zip(ours, theirs, strict=True)),
        "ratio from panels": statistics.median(a / b for a, b in zip(whole, theirs, strict=True)),
    }  # fmt: skip
    begun = process_time()
    gaps = holed(panels)
    for entry in entries:
        compute(entry.name, gaps)
    result["with gaps"] = process_time() - begun
    sys.stdout.write(
        f"{len(NAMES)} indicators x {symbols} symbols x {days} days, TA-Lib {talib.__version__}, numpy "
        f"{np.__version__}: bare {result['bare']:.3f} s, ours {result['ours']:.3f} s (x {result['ratio']:.2f}), "
        f"from panels {result['from panels']:.3f} s (x {result['ratio from panels']:.2f}), "
        f"with gaps {result['with gaps']:.3f} s\n"
    )
    return result


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
