"""BACKTEST's arguments, and its method in words for HELP."""

from __future__ import annotations

from engine.function import Argument, Kind
from engine.functions._arguments import BENCHMARK
from engine.period import Period
from engine.runs.terms_args import COSTS, DERIVED_ARGS

PAGES = {
    "REPORT": (), "TRADES": ("TRADE",), "ATTRIBUTION": ("ATTR", "WHO"), "HONESTY": ("LUCK", "ROBUST"),
    "INPUTS": ("PROOF", "KNOWN"),
}  # fmt: skip
ARGUMENTS: tuple[Argument, ...] = (
    Argument("compare", Kind.SECURITY, "securities that are traded", (), many=True),
    Argument("strategy", Kind.TEXT, "a short form (50SMA.200EMA), rules (long when ...; exit when ...), or legs of "
             "options (sell put ...); quotes are not needed", None, named_only=True),
    Argument("period", Kind.PERIOD, "range, counted back from the last session with prices", Period("Y", 10)),
    Argument("page", Kind.CHOICE, "what of the run is shown: the report, all trades, who made the money, how far to "
             "believe it, what it knew", "REPORT", choices=PAGES),
    Argument("universe", Kind.TEXT, "keep rules that choose among no index to its members of each day: sp500", None,
             named_only=True),
    Argument("file", Kind.WORD, "a strategy of your folder: NAME.py in Python, or NAME.rules, a clause a line", None,
             named_only=True),
    Argument("parameters", Kind.TEXT, "of the file's class: sessions=120,names=3", None, named_only=True),
    Argument("panels", Kind.TEXT, "what else a file may see, parted by commas: pe,roe,mktcap", None, named_only=True),
    Argument("scores", Kind.TEXT, "scores of your own models, a CSV of date, ticker and numbers that rules may then "
             "name: ./scores.csv", None, named_only=True),
    Argument("warmup", Kind.INTEGER, "sessions read before the range: shown to a file; of rules no fewer than "
             "they need", 0, minimum=0, maximum=5_000,
             named_only=True),
    *COSTS,
    BENCHMARK,
    *DERIVED_ARGS,
    Argument("seed", Kind.INTEGER, "of everything that is drawn", 0, minimum=0, maximum=2**31, named_only=True),
    Argument("trials", Kind.WORD, "how many runs were tried on these data (12, or 12:0.0031 with the variance "
             "of their Sharpe ratios); counted for you where it is not given", None, named_only=True),
    Argument("code", Kind.WORD, "the SHA-256 of a file's source, so that a run opens as it was", None,
             named_only=True),
)  # fmt: skip

EXAMPLES = (
    ("BACKTEST AAPL 50SMA.200EMA", "long while the 50-day average is above the 200-day"),
    ("BACKTEST AAPL long when rsi(14) < 30; exit when rsi(14) > 60; stop 8%", "rules, with a stop from the fill"),
    ("BACKTEST AAPL MSFT IBM long when close > sma(200); size volatility_target(10%) MAX",
     "a portfolio that shares one account, over all years"),
    ("BACKTEST top 20 by mom_12_1 in sp500; rebalance monthly", "the members of each day, the dead among them"),
    ("BACKTEST AAPL FILE=momentum PARAMETERS=sessions=120", "a strategy in Python from your folder"),
    ("BACKTEST AAPL sell put delta 0.3 expiry 30; close at 50% profit", "legs of options, on the quotes held"),
    ("BACKTEST AAPL sell put delta 0.3 expiry 45; take 50%; stop 200% of credit; exit 21 dte; prices simulated 5Y",
     "without quotes: prices of a model, and the page says so"),
    ("BACKTEST AAPL sell call delta 0.3 expiry 30 and hold shares; prices simulated 5Y", "a covered call"),
    ("BACKTEST ES NQ CL 20SMA.100SMA", "futures in one account, once the store holds their contracts"),
    ("BACKTEST EURUSD 50SMA.200SMA SHORTRATES=USD=4,EUR=2", "a currency pair, rolled over night"),
    ("BACKTEST BTCUSD 20SMA.50SMA CONTRACT=PERPETUAL FUNDING=1", "a coin's perpetual, once the store holds its bars"),
    ("BACKTEST AAPL 50SMA.200EMA PAGE=HONESTY", "intervals, luck, costs and delays, capacity"),
)  # fmt: skip

ABOUT = """Rules are clauses parted by ; - long when, exit when, short when, cover when, long top 20 by mom_12_1 in
sp500, short bottom 10% by ..., size equal | weight(5%) | volatility_target(10%) | shares(100) | an optimiser, stop,
trail and take (5% or 3*atr(20)), hold 20, rebalance daily | weekly | monthly | quarterly | yearly, delay 2. A
position lasts while its condition holds, unless exit, stop, trail, take or hold say when it ends. Conditions
compare the bars' fields, any indicator of FLDS (sma(close, 50), macd(12, 26, 9).signal), characteristics (mom_12_1,
vol_3m, and those of SCREEN that filings tell) and numbers: and, or, not, between, crosses above, crosses below,
close[1]. A short form a.b is long while a is above b, and may be followed by clauses: 50SMA.200EMA; stop 5%.
Nothing typed is ever run as code.

Optimisers are OPT's aims that need returns alone, by their own names or OPT's words: minimum_variance (minvar),
maximum_sharpe (sharpe), maximum_diversification (diversify), minimum_shortfall (cvar, at 95%), mean_variance(3) at
that risk aversion, mean_variance_return(12%) (return), mean_variance_volatility(10%) (volatility), each with sessions
of returns, the largest and the least weight of a name: minimum_variance(252, 20%, 1%); risk_parity (parity),
hierarchical_risk_parity (hrp; _average, _complete and _ward choose the tree) and inverse_volatility with sessions.
Views, caps of sectors and limits to turnover need more than rules say: OPT has them.

EMA, RSI, ATR and all that smooths remember what they were seeded with. Rules read so many sessions before the range
that less than a millionth of it is left ((1 - a)^w of a smoothing by a after w sessions; a is 2 / (n + 1) of an EMA,
1 / n of Wilder's means), ten years at most, or WARMUP= sessions where that is given. Where prices begin later a note
says how much is left. Sums from the first session on (OBV, AD, VWAP) keep it for ever.

A decision is made after the close of a session on what was known by then: prices as they were known that day, members
of the index as they were, fundamentals by the day they were filed. It fills at the next session's open (FILL=), at a
price made worse by half the SPREAD= and by SLIP=, and pays COST= on its value; IMPACT= adds the square-root law,
PARTICIPATION= limits an order to a part of the volume. Dividends belong to who held at the close before the ex-date,
and are paid on their day; splits change shares; a delisting pays the final return that the store knows, else the last
close, and is told. A merger pays its terms: shares of the successor at its close (sold at the next open unless the
rules hold it), cash, or nothing; what is no whole lot is paid in cash. Cash is counted in whole ten-thousandths of
the currency: at every moment equity is cash, what is owed, and positions at their marks.

A strategy in Python is a file NAME.py in the folder strategies/<you> of the data folder, with one class:
    class Momentum:
        def __init__(self, sessions=120): self.sessions = sessions
        def decide(self, day):               # after each close; day.close is (sessions so far, symbols)
            if len(day.close) <= self.sessions: return None          # no opinion: what is held is kept
            gain = day.close[-1] / day.close[-1 - self.sessions] - 1
            return {day.symbols[int(gain.argmax())]: 1.0}            # weights of the equity; the rest is closed
FILE=momentum runs it; its source is kept, so that the run opens as it was after the file changed. It runs with your
rights, as any program of yours does. Instead of weights a class may give orders:
    from engine.backtest.strategy import Order
    class Dip:
        def orders(self, day, account):      # account.held(symbol), .shares(symbol, weight), .cash, .equity, .working
            symbol, close = day.symbols[0], day.traded["close"][-1, 0]                    # prices as traded
            if account.held(symbol) or close != close: return None                       # nothing new
            shares = account.shares(symbol, 1.0)
            stop = Order(symbol, -shares, "stop", stop=0.9 * close, closing=True)
            return [Order(symbol, shares, "limit", limit=0.98 * close, sessions=1, then=(stop,))]
Kinds are market, limit, stop, stop_limit, trailing, open and close; sessions=1 is a day order, an order replaces the
one of its tag, the first fill of a group cancels the others, and then= begins with the fill.

Rules may stand in a file too, NAME.rules in the same folder: a clause a line, # for remarks, an indented line goes
on with the one before. FILE=NAME reads them into the command, so that the page opens whatever becomes of the file.

Every page carries an id: OPEN id shows the run again bit for bit, with the snapshot, the code and the number of tries
that it was judged by. How many different runs you have tried on the same securities or universe is counted, and the
deflated Sharpe ratio says what is left of the ratio once that is known. PAGE=HONESTY adds intervals by block
bootstrap, random entries, the order of trades, higher costs and later orders, and how much money it would bear;
PAGE=INPUTS lists everything that was read and alters the future to prove that no decision changes. Choosing a trade
opens its chart, entry and exit marked; of an option its underlying's. SWEEP tries many parameters at once.

Legs of options are rules whose first word sells or buys: sell put delta 0.30 expiry 30; take 50%; size
cash_secured. Several legs are parted by commas, "and hold shares" covers a call. Quotes count in the version known an
hour after the close; orders fill at the next session's. Ways out are take 50%, stop 200% of credit (a loss of twice
the credit) and exit 21 dte, judged at a close; sold legs are bought back first, a leg without a bid waits. Own calls
are exercised early only for a dividend known at the close of the evening before, own puts never; short calls are
assigned by holders who knew. Where nobody quoted, the run says so and stops, unless the rules say prices simulated:
strikes and decisions are then of what each session knew, fills and marks of what truly traded, and every page says
SIMULATED. Not modelled: strikes moved by special dividends, exercise against the exception rule, portfolio margin.
Exposure counts a contract by its delta (at the volatility that its mark implies) times the underlying it stands for,
whole where no volatility is known; turnover is the premium traded.

Futures named in one line share one account: cash, daily settlement and margin in one pool, each root rolled by itself
(ROLL=, ROLLDAYS=). Rules read a continuous series that no later roll rewrites (JOIN=RATIO or DIFFERENCE); trades,
stops and settlement are in the contract of the day, and stops move at a roll by the difference of the two opens.
Physical contracts are left before first notice. Below maintenance every position is cut by one part at the next open.
CONTRACTMARGIN=ES=13200/12000,NQ=18700/17000 says margins by root; ACCOUNT= is needed where currencies differ.

Currencies book both sides, are rolled over night at SHORTRATES=USD=4.5,EUR=2 (or USD=TBILRATE, a series as known each
day) and told in ACCOUNT=. Coins trade every day in parts of 1e-8. CONTRACT=PERPETUAL is margined in the quote,
CONTRACT=INVERSE MULTIPLIER=10 in the coin: N contracts of face s make N s (1/entry - 1/exit) coins. Both pay FUNDING=
and are liquidated; of a stop and a liquidation the nearer comes first. Stops count from the fill and work within the
bar; with one price a day the first fixing at or beyond the level fills. LOT=1000 are micro lots of a pair, LOT=0.001
parts of a coin, LOT=100 round lots of shares. What is traded does not take every argument: what it does not take is
refused.

SCORES=./scores.csv brings the scores of a model of your own: columns date, ticker and numbers, which rules name
(top 20 by score). A score counts from the close of its date, or from its known_at where the file has that column.
Rules may also ask for the market's state: market_wild and market_calm (1 or 0: the benchmark's volatility against
its own past) and turbulence (0 to 1: a hidden Markov model of it, fitted anew every half year on the past alone).

It does not know of taxes other than WITHHOLDING=, of intraday paths (a bar tells four prices, and of what may have
happened within it the worse is taken), or of what a broker would not have lent."""
