"""Lines drawn over prices, and prices made of prices. How to read the table: \
  ``engine.quant.indicators._table``."""

ROWS = """
== moving averages and bands
SMA | simple moving average | c | timeperiod=30:1 | sma | price |
    mean of the last timeperiod values
EMA | exponential moving average | c | timeperiod=30:1 | ema | price seeded |
    smoothing 2 / (timeperiod + 1), seeded with the first simple mean
WMA | linearly weighted moving average | c | timeperiod=30:1 | wma | price |
    weights 1, 2, ..., timeperiod; the newest weighs most
DEMA | double exponential moving average | c | timeperiod=30:1 | dema | price seeded | Mulloy 1994
    2 EMA - EMA(EMA)
TEMA | triple exponential moving average | c | timeperiod=30:1 | tema | price seeded | Mulloy 1994
    3 EMA - 3 EMA(EMA) + EMA(EMA(EMA))
TRIMA | triangular moving average | c | timeperiod=30:1 | trima | price |
    simple mean of simple means: the middle of the window weighs most
KAMA | Kaufman's adaptive moving average | c | timeperiod=30:1 | kama | price seeded | Kaufman 1995
    smoothing between 2 / 31 and 2 / 3 by the efficiency ratio, squared
MAMA | MESA adaptive moving average | c | fastlimit=0.5:0.01..0.99 slowlimit=0.05:0.01..0.99 | mama fama~ | \
  price seeded | Ehlers 2001
    smoothing by the rate of change of the Hilbert transform's phase
T3 | Tillson's moving average | c | timeperiod=5:1 vfactor=0.7:0..1 | t3 | price seeded | Tillson 1998
    six exponential means combined by the volume factor
HMA | Hull moving average | c | timeperiod=20:1 | hma | price | Hull 2005
    WMA(2 WMA(n / 2) - WMA(n), sqrt(n))
RMA | Wilder's smoothed moving average | c | timeperiod=30:1 | rma | price seeded | Wilder 1978
    smoothing 1 / timeperiod, seeded with the first simple mean
ZLEMA | zero-lag exponential moving average | c | timeperiod=30:1 | zlema | price seeded | Ehlers & Way 2010
    EMA of x + (x - x of (n - 1) / 2 bars ago)
VWMA | volume weighted moving average | cv | timeperiod=30:1 | vwma | price |
    sum(price x volume) / sum(volume) of the window
MA | moving average of a chosen kind | c | timeperiod=30:1 matype=SMA | ma | price |
    the mean that matype names
MAVP | moving average with a period a bar | c periods | minperiod=2:1 maxperiod=30:2 matype=SMA | mavp | price |
    at each bar the mean of as many bars as the field "periods" says there, within the bounds
BBANDS | Bollinger bands | c | timeperiod=20:2 nbdevup=2.0 nbdevdn=2.0 matype=SMA | upper middle~ lower | \
  price | Bollinger 2001
    mean +- nbdev population standard deviations
KC | Keltner channels | hlc | timeperiod=20:2 atrperiod=10:1 nbdev=2.0 | upper middle~ lower | price seeded \
  aka KELTNER | Keltner 1960; Raschke
    EMA of typical prices +- nbdev average true ranges of atrperiod bars
DONCHIAN | Donchian channels | hl | timeperiod=20:2 | upper middle~ lower | price | Donchian 1960
    highest high, lowest low of the window, and their middle
ACCBANDS | acceleration bands | hlc | timeperiod=20:2 | upper middle~ lower | price | Headley 2002
    means of high (1 + 4 (high - low) / (high + low)), of the close, of low (1 - ...)
SUPERTREND | supertrend | hlc | timeperiod=10:2 multiplier=3.0:0.. | supertrend trend! | price seeded | Seban
    middle of the bar +- multiplier average true ranges, trailing; trend 1 is up, -1 down
SAR | parabolic stop and reverse | hl | acceleration=0.02:0.. maximum=0.2:0.. | sar | price seeded | Wilder 1978
    a stop that closes in on the extreme by an accelerating factor, and turns where it is touched
SAREXT | parabolic stop and reverse, extended | hl | startvalue=0.0 offsetonreverse=0.0:0.. \
  accelerationinitlong=0.02:0.. accelerationlong=0.02:0.. accelerationmaxlong=0.2:0.. \
  accelerationinitshort=0.02:0.. accelerationshort=0.02:0.. accelerationmaxshort=0.2:0.. | sar | unit price seeded \
  | Wilder 1978
    SAR with factors of its own for each side; negative while short
HT_TRENDLINE | Hilbert transform: instantaneous trendline | c | | trendline | price seeded | Ehlers 2001
    mean over the dominant cycle, smoothed
MIDPOINT | middle of the window's values | c | timeperiod=14:2 | midpoint | price |
    (highest + lowest) / 2
MIDPRICE | middle of the window's range | hl | timeperiod=14:2 | midprice | price |
    (highest high + lowest low) / 2
== price transforms
AVGPRICE | average price | ohlc | | avgprice | price |
    (open + high + low + close) / 4
MEDPRICE | median price | hl | | medprice | price |
    (high + low) / 2
TYPPRICE | typical price | hlc | | typprice | price |
    (high + low + close) / 3
WCLPRICE | weighted close | hlc | | wclprice | price |
    (high + low + 2 close) / 4
AVGDEV | average deviation | c | timeperiod=14:2 | avgdev | unit price |
    mean absolute deviation from the window's mean
HA | Heikin-Ashi candles | ohlc | | open high^ low^ close | price seeded |
    close (o + h + l + c) / 4; open the middle of the candle before; high and low include both
"""
