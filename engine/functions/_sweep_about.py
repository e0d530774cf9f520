"""SWEEP's arguments, and its method in words for HELP."""

from __future__ import annotations

from engine.function import Argument, Kind
from engine.functions._arguments import BENCHMARK
from engine.period import Period
from engine.runs.sweep_lines import TERMS
from engine.runs.terms_args import DERIVED_ARGS

BY = {"SHARPE": (), "RETURN": (), "CAGR": (), "CALMAR": (), "DRAWDOWN": ("DD",)}
ARGUMENTS: tuple[Argument, ...] = (
    Argument("compare", Kind.SECURITY, "more securities; each is a sweep of its own", (), many=True),
    Argument("strategy", Kind.TEXT, "rules or a short form with values in braces: {20,50}SMA.{100..300/50}EMA; "
             "quotes are not needed", None, named_only=True),
    Argument("period", Kind.PERIOD, "range, counted back from the last session with prices", Period("Y", 10)),
    Argument("universe", Kind.TEXT, "one portfolio of the members of an index, of each day: sp500", None,
             named_only=True),
    Argument("file", Kind.WORD, "a strategy of your folder: NAME.py in Python, all securities in one account; or "
             "NAME.rules with braces in it", None, named_only=True),
    Argument("parameters", Kind.TEXT, "of the file's class, with values in braces: sessions={60,120},names=3", None,
             named_only=True),
    Argument("panels", Kind.TEXT, "what else a file may see, parted by commas: pe,roe,mktcap", None, named_only=True),
    Argument("scores", Kind.TEXT, "scores of your own models, a CSV of date, ticker and numbers that rules may then "
             "name: ./scores.csv", None, named_only=True),
    Argument("warmup", Kind.INTEGER, "sessions read before the range: shown to a file; of rules no fewer than "
             "they need", 0, minimum=0, maximum=5_000, named_only=True),
    Argument("by", Kind.CHOICE, "what points are ranked by", "SHARPE", choices=BY, named_only=True),
    Argument("top", Kind.INTEGER, "points to list", 15, minimum=1, maximum=2_000, named_only=True),
    Argument("x", Kind.WORD, "the parameter across the heatmap, by its number or name; the second", None,
             named_only=True),
    Argument("y", Kind.WORD, "the parameter down the heatmap; the first", None, named_only=True),
    Argument("fix", Kind.TEXT, "values of other parameters in the heatmap, by number or name: FIX=\"3=10, hold=5\"; "
             "the best over those that are not fixed", None, named_only=True),
    Argument("show", Kind.WORD, "whose heatmap; of several securities the best one's", None, named_only=True),
    Argument("periods", Kind.INTEGER, "parts that the years are cut into", 1, minimum=1, maximum=20, named_only=True),
    Argument("walk", Kind.WORD, "walk forward: training/test in sessions, or as 3Y/1Y; the best of each training "
             "window is traded in the test after it", None, named_only=True),
    Argument("cpcv", Kind.WORD, "combinatorial purged cross-validation: groups/tested at a time, 8/2", None,
             named_only=True),
    Argument("seed", Kind.INTEGER, "of everything that is drawn", 0, minimum=0, maximum=2**31, named_only=True),
    Argument("workers", Kind.INTEGER, "processes of a sweep that takes long; one a processor", None, minimum=1,
             maximum=256, named_only=True),
    Argument("cluster", Kind.WORD, "a Dask scheduler that works it off: tcp://host:8786 (else ASOF_CLUSTER); its "
             "workers see the store's folder, or read it where ASOF_PUBLISHED says it is published", None,
             named_only=True),
    Argument("id", Kind.WORD, "a sweep that was begun, by its id", None, named_only=True),
    Argument("trials", Kind.WORD, "how many runs were tried on these data (12, or 12:0.0031 with the variance of "
             "their Sharpe ratios); counted for you where it is not given", None, named_only=True),
    *TERMS,
    BENCHMARK,
    *DERIVED_ARGS,
    Argument("code", Kind.WORD, "the SHA-256 of a file's source, so that a sweep opens as it was", None,
             named_only=True),
)  # fmt: skip

EXAMPLES = (
    ("SWEEP AAPL {20,50,100}SMA.{100..300/50}EMA", "fifteen crossovers, judged together"),
    ('SWEEP AAPL MSFT "long when rsi({7..21/7}) < {20,30}; hold {5,10}" 10Y', "rules, two securities"),
    ("SWEEP AAPL {5..100/5}SMA.{110..300/10}SMA WALK=3Y/1Y CPCV=8/2", "400 points, out of sample"),
    ("SWEEP AAPL {10..50/10}SMA.{100,200}SMA PERIODS=4", "whether the same points are best in each part"),
    ("SWEEP IBM long when close > sma({n:20,50,100}); exit when close < sma({n}); stop {5%..15%/5%}",
     "one value in two places by its name"),
    ("SWEEP AAPL sell put delta {0.1,0.2,0.3} expiry {30,45}; close at {50,75}% profit; prices simulated",
     "legs of options"),
    ("SWEEP AAPL MSFT FILE=momentum PARAMETERS=sessions={60,120,250}", "a strategy in Python"),
    ("SWEEP top {10,20} by mom_12_1 in sp500; rebalance {monthly,quarterly}", "a portfolio of each day's members"),
)  # fmt: skip

ABOUT = """Braces hold what a parameter takes: {20,50,100}, {100..300/50} (from, to, by), {5%..15%/5%}, words
({monthly,weekly}). {n:20,50} names it, and a later {n} takes the same value. Every combination is a point; every
security is swept by itself, with the whole capital; rules that choose among an index, and UNIVERSE=, are one
portfolio. Costs, fills and the account are BACKTEST's, and a point is the same run to the last bit: its row runs it.

Currency pairs, coins, futures and legs of options run in their own engines, with the arguments that BACKTEST has for
them, one point after another. FILE= sweeps a class in Python over PARAMETERS= with braces, all securities in one
account; the source is kept, and workers get it with their order. SCORES= and the market's states (market_wild,
market_calm, turbulence, told by BENCHMARK=) are what they are in BACKTEST. Points whose own data would begin on
another day (MAX with several lengths of a pair, a coin or a future) cannot stand side by side, and are told apart.

The heatmap shows the measure over two parameters. A plateau is told from a peak by how many neighbours of the best
cell keep 80% of it, and by the roughness of the grid: the mean difference of adjacent cells over the deviation of all
(0 of a smooth slope, 1.13 of noise).

The best of many is lucky. The deflated Sharpe ratio (Bailey and Lopez de Prado 2014) is the chance that the true one
is above what the best of as many trials without skill would show; trials that you made on the same data before count
too. PBO is the probability of backtest overfitting (Bailey, Borwein, Lopez de Prado and Zhu 2017): sessions are cut
into blocks, half of them choose, and it counts how often the chosen lands below the median of the other half. SPA is
Hansen's test (2005), beside White's reality check (2000), that nothing searched earns more than nothing: a p-value
from 1,000 stationary bootstraps. All of them take every point over the sessions that all securities share.

WALK= chooses by the Sharpe ratio of each training window and shows the joined returns of the tests; CPCV= does so for
every choice of test groups (Lopez de Prado 2018, chapter 12) and shows the Sharpe ratios of the paths. One session
between training and test is left out: its return was earned by a decision of before. Neither charges for changing
from one point to another. PERIODS= cuts the same runs: positions are carried over the cuts.

What takes longer than two seconds runs in processes of its own (JOBS), or on a Dask cluster (CLUSTER=), with the same
numbers. Workers of a cluster read the store themselves: its folder under the same path, or where it is published.
asof store publish s3://bucket/prefix publishes it, and ASOF_PUBLISHED=s3://bucket/prefix names it; the snapshot must
be there, and the results are the same bytes. What is done is kept under the data folder and shown as it comes; JOBS
STOP and JOBS RESUME lose nothing. Sharpe ratios are over the risk-free rate, as BACKTEST's. It does not search
between points, and what FILE= or options take does not run side by side: such points take as long as their
BACKTESTs."""
