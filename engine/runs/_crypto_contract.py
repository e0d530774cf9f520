"""What a perpetual's contract is: linear ones are of coins, inverse ones of money, which somebody has to tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.backtest.crypto import CryptoTerms
from engine.backtest.market import Market
from engine.errors import CommandError
from engine.runs.market_told import Telling

if TYPE_CHECKING:
    from store.reader import AsOfReader


def contract(
    reader: AsOfReader, market: Market, crypto: CryptoTerms, inverse: bool, telling: Telling
) -> CryptoTerms:
    """The terms with the face of an inverse contract.

    The store's table of contracts tells it, where it has the coin's: settled in the coin (``currency``), the face in
    the quote currency (``multiplier``).

    Raises
    ------
    CommandError
        An inverse contract of which nothing tells the face; a linear one asked for where the store's is inverse.
    """
    if not crypto.perpetual or len(market.symbols) != 1:
        return crypto
    symbol, currency = market.symbols[0], market.currency
    coin = symbol.removesuffix(currency)
    rows = reader.rows("futures_contracts", (int(market.ids[0]),))
    own = rows.filter((rows["currency"] == coin) & rows["multiplier"].is_not_null())
    name, face = (own["contract"][-1], float(own["multiplier"][-1])) if own.height else ("", None)
    if crypto.face is not None:
        telling.fact("face of a contract", f"{crypto.face:g} {currency}, as the line says")
        return crypto
    if not inverse:
        if name:
            raise CommandError(
                f"{name}, the store's contract on {symbol}, is inverse: {face:g} {currency} a contract, settled in "
                f"{coin}. CONTRACT=INVERSE trades it; CONTRACT=PERPETUAL is for linear ones.",
                argument="contract",
            )
        return crypto
    if face is None:
        raise CommandError(
            f"Nothing in the store tells what an inverse contract on {symbol} is. Say it: CONTRACT=INVERSE "
            f"MULTIPLIER=10 is 10 {currency} a contract (Deribit's on BTC; 100 at Binance, 1 at BitMEX).",
            argument="contract",
        )
    telling.fact("face of a contract", f"{face:g} {currency}, of {name}")
    return replace(crypto, face=face)
