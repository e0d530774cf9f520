"""Words that completion offers while rules are typed. Light: asked for with every key."""

from __future__ import annotations

from collections.abc import Iterator

# the whole language is in HELP BACKTEST; a test holds these against what the rules know
WORDS: dict[str, str] = {
    "when": "a condition follows: long when, exit when",
    "long when": "entered while it holds", "long top": "the highest of a universe: long top 20 by mom_12_1 in sp500",
    "exit when": "left when it holds", "short when": "sold short while it holds",
    "short bottom": "the lowest of a universe", "cover when": "a short is bought back when it holds",
    "size equal": "what is held shares the equity", "size weight(": "a part of the equity each: size weight(5%)",
    "size volatility_target(": "sizes for a volatility: size volatility_target(10%)",
    **{f"size {word}": told for word, told in {
        "minimum_variance": "least variance of what is held", "risk_parity": "equal shares of the risk",
        "hierarchical_risk_parity": "down a tree of clusters", "inverse_volatility": "by 1 / volatility",
        "maximum_diversification": "the highest diversification ratio", "maximum_sharpe": "the highest Sharpe ratio",
        "minimum_shortfall": "least expected shortfall at 95%",
        "mean_variance(": "by return and variance at a risk aversion: size mean_variance(3)",
        "mean_variance_return(": "least variance at a return: size mean_variance_return(12%)",
        "mean_variance_volatility(": "highest return at a volatility: size mean_variance_volatility(10%)",
    }.items()},
    "size shares(": "so many shares: size shares(100)", "stop": "left at a loss: stop 8%, stop 3*atr(20)",
    "trail": "left below the best price: trail 10%", "take": "left at a gain: take 20%",
    "hold": "left after so many sessions: hold 20", "rebalance monthly": "decided once a month",
    "rebalance weekly": "decided once a week", "rebalance quarterly": "decided once a quarter",
    "delay": "sessions from a decision to its fill: delay 2",
    "and": "both hold", "or": "either holds", "not": "it does not hold", "crosses above": "was below, is above",
    "crosses below": "was above, is below", "between": "between 30 and 70",
    "open": "first price of the session", "high": "its highest", "low": "its lowest", "close": "its last price",
    "volume": "what was traded", "sma(": "moving average: sma(close, 50)",
    "ema(": "exponential moving average: ema(close, 200)", "wma(": "weighted moving average", "rsi(": "relative "
    "strength index: rsi(14)", "macd(": "macd(12, 26, 9).signal", "atr(": "average true range: atr(20)",
    "adx(": "average directional index: adx(14)", "cci(": "commodity channel index: cci(20)",
    "roc(": "rate of change: roc(close, 10)", "mfi(": "money flow index: mfi(14)",
    "stddev(": "standard deviation: stddev(close, 20)", "highest(": "highest of so many sessions: highest(close, 50)",
    "lowest(": "lowest of so many sessions: lowest(close, 50)", "mom_12_1": "return of a year but its last month",
    "mom_6_1": "return of half a year but its last month", "vol_3m": "volatility of three months",
    "vol_1y": "volatility of a year", "adv_20": "money traded a session",
    "market_calm": "1 where the benchmark's volatility is low", "market_wild": "1 where it is high",
    "turbulence": "probability of the market's wild state",
}  # fmt: skip


def words(prefix: str) -> Iterator[tuple[str, str]]:
    """Words of rules that go on from ``prefix``, whatever its case, with what each says; none from nothing."""
    begun = prefix.lower()
    if begun:
        yield from ((word, told) for word, told in WORDS.items() if word.startswith(begun) and word != begun)
