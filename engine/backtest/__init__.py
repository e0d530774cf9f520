"""Backtests over frames given to them: rules, simulation with exact accounts, honest statistics.

Nothing here reads a store or a clock. Prices come as they traded, with splits and dividends as arrays of their own;
what signals are made of is adjusted forwards (``Market.signal_prices``), so that no day knows a later action.
"""
