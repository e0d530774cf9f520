"""Volatility, volume, statistics and arithmetic. How to read the table: ``engine.quant.indicators._table``."""

ROWS = """
== volatility
ATR | average true range | hlc | timeperiod=14:1 | atr | unit price seeded | Wilder 1978
    Wilder's mean of the true range
NATR | normalised average true range | hlc | timeperiod=14:1 | natr | unit percent seeded | Wilder 1978
    100 ATR / close
TRANGE | true range | hlc | | trange | unit price | Wilder 1978
    max(high, close before) - min(low, close before)
ADR | average day range | hl | timeperiod=14:1 | adr | unit price |
    mean of high - low
CVI | Chaikin's volatility | hl | timeperiod=10:2 rocperiod=10:1 | cvi | unit percent levels 0 seeded | Chaikin
    rate of change of the EMA of high - low
MASSI | mass index | hl | fastperiod=9:2 slowperiod=25:2 | massi | levels 26.5 27 seeded | Dorsey 1992
    sum of EMA(range) / EMA(EMA(range))
RVI | relative volatility index | c | timeperiod=14:1 stddevperiod=10:2 | rvi | 0..100 levels 50 seeded | \
  Dorsey 1993
    the RSI's ratio of standard deviations on rises and falls
== volume
OBV | on-balance volume | cv | | obv | unit shares seeded | Granville 1963
    cumulated volume, signed by the change of the close
AD | accumulation/distribution line | hlcv | | ad | unit shares seeded | Chaikin
    cumulated volume x ((close - low) - (high - close)) / (high - low)
ADOSC | accumulation/distribution oscillator | hlcv | fastperiod=3:2 slowperiod=10:2 | adosc | unit shares \
  levels 0 seeded | Chaikin
    EMA(fast) - EMA(slow) of the accumulation/distribution line
CMF | Chaikin money flow | hlcv | timeperiod=20:2 | cmf | -1..1 levels 0 | Chaikin
    sum of money flow volume / sum of volume
EFI | Elder's force index | cv | timeperiod=13:1 | efi | levels 0 seeded | Elder 1993
    EMA of change x volume
MARKETFI | market facilitation index | hlv | | marketfi | | Williams 1995
    (high - low) / volume
NVI | negative volume index | cv | | nvi | seeded | Fosback 1976
    grows with the close on days of falling volume; starts at 1,000
PVI | positive volume index | cv | | pvi | seeded | Fosback 1976
    grows with the close on days of rising volume; starts at 1,000
PVO | percentage volume oscillator | v | fastperiod=12:2 slowperiod=26:2 matype=EMA | pvo | unit percent \
  levels 0 seeded |
    100 (mean(fast) - mean(slow)) / mean(slow) of volume
PVT | price volume trend | cv | | pvt | seeded |
    cumulated volume x return
RVOL | relative volume | v | timeperiod=20:1 | rvol | levels 1 |
    volume / mean volume of the timeperiod bars before
VWAP | volume weighted average price since the first bar | hlcv | | vwap | price seeded |
    cumulated typical price x volume / cumulated volume; AVWAP starts at a date
== statistics
BETA | slope of one series' returns on another's | hl | timeperiod=5:1 | beta | levels 1 |
    regression of the second input's changes on the first's; inputs=("close", "other") names others
CORREL | Pearson's correlation | hl | timeperiod=30:1 | correl | -1..1 levels 0 |
    correlation of two inputs over the window; inputs=("close", "other") names others
LINEARREG | regression's end | c | timeperiod=14:2 | linearreg | price |
    value at the last bar of the straight line through the window
LINEARREG_ANGLE | regression's angle | c | timeperiod=14:2 | angle | unit degrees levels 0 |
    arc tangent of the slope
LINEARREG_INTERCEPT | regression's start | c | timeperiod=14:2 | intercept | price |
    value at the first bar of the line
LINEARREG_SLOPE | regression's slope | c | timeperiod=14:2 | slope | unit price levels 0 |
    change a bar of the line
TSF | time series forecast | c | timeperiod=14:2 | tsf | price |
    value of the line one bar on
STDDEV | standard deviation | c | timeperiod=5:2 nbdev=1.0 | stddev | unit price |
    population standard deviation x nbdev
VAR | variance | c | timeperiod=5:1 nbdev=1.0 | var | |
    population variance
PERCENTILE | percentile, nearest rank | c | timeperiod=30:2 percentile=50.0:0..100 | percentile | price |
    the window's value of that rank
PERCENTRANK | percent rank | c | timeperiod=100:2 | percentrank | 0..100 levels 50 |
    share of the timeperiod values before that are below
MAX | highest value | c | timeperiod=30:2 | max | price |
    largest of the window
MIN | lowest value | c | timeperiod=30:2 | min | price |
    smallest of the window
MINMAX | lowest and highest value | c | timeperiod=30:2 | min max | price |
    smallest and largest of the window
MAXINDEX | row of the highest value | c | timeperiod=30:2 | row | unit row |
    place of the window's largest value among the rows given
MININDEX | row of the lowest value | c | timeperiod=30:2 | row | unit row |
    place of the window's smallest value among the rows given
MINMAXINDEX | rows of the lowest and highest value | c | timeperiod=30:2 | min_row max_row | unit row |
    places of the window's smallest and largest value among the rows given
SUM | sum | c | timeperiod=30:2 | sum | |
    sum of the window
CUMSUM | cumulative sum | c | | cumsum | seeded |
    sum since the first bar
== arithmetic
ADD | sum of two inputs | hl | | add | |
    first + second
SUB | difference of two inputs | hl | | sub | unit price |
    first - second
MULT | product of two inputs | hl | | mult | |
    first x second
DIV | ratio of two inputs | hl | | div | |
    first / second
LN | natural logarithm | c | | ln | |
    ln x
LOG10 | logarithm to base 10 | c | | log10 | |
    log10 x
EXP | exponential | c | | exp | |
    e ** x
SQRT | square root | c | | sqrt | |
    x ** 0.5
CEIL | rounded up | c | | ceil | price |
    smallest whole number not below x
FLOOR | rounded down | c | | floor | price |
    largest whole number not above x
SIN | sine | c | | sin | -1..1 |
    sin x, x in radians
COS | cosine | c | | cos | -1..1 |
    cos x, x in radians
TAN | tangent | c | | tan | |
    tan x, x in radians
ASIN | arc sine | c | | asin | |
    arcsin x, of x from -1 to 1
ACOS | arc cosine | c | | acos | |
    arccos x, of x from -1 to 1
ATAN | arc tangent | c | | atan | |
    arctan x
SINH | hyperbolic sine | c | | sinh | |
    (e ** x - e ** -x) / 2
COSH | hyperbolic cosine | c | | cosh | |
    (e ** x + e ** -x) / 2
TANH | hyperbolic tangent | c | | tanh | -1..1 |
    sinh x / cosh x
"""
