"""Named factor models, and the names of factors that a custom one may take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FactorModel:
    """A set of factors under one name. ``factors`` in the order of the loadings."""

    name: str
    title: str
    factors: tuple[str, ...]
    source: str


# SMB of three factors and SMB5 of five are different series: the latter's small stocks are sorted three ways.
MODELS: Mapping[str, FactorModel] = {
    model.name: model
    for model in (
        FactorModel("CAPM", "the market alone", ("MKTRF",), "Sharpe (1964), Journal of Finance 19"),
        FactorModel(
            "FF3", "Fama-French three factors", ("MKTRF", "SMB", "HML"),
            "Fama and French (1993), Journal of Financial Economics 33",
        ),
        FactorModel(
            "FF3MOM", "three factors and momentum", ("MKTRF", "SMB", "HML", "MOM"),
            "Carhart (1997), Journal of Finance 52",
        ),
        FactorModel(
            "FF5", "Fama-French five factors", ("MKTRF", "SMB5", "HML", "RMW", "CMA"),
            "Fama and French (2015), Journal of Financial Economics 116",
        ),
        FactorModel(
            "FF5MOM", "five factors and momentum", ("MKTRF", "SMB5", "HML", "RMW", "CMA", "MOM"),
            "Fama and French (2018), Journal of Financial Economics 128",
        ),
    )
}  # fmt: skip


def custom_model(names: Sequence[str]) -> FactorModel:
    """A model of one's own factors, in the order given.

    Raises
    ------
    ValueError
        No factor, or one twice.
    """
    factors = tuple(name.upper() for name in names)
    if not factors:
        raise ValueError("a factor model has one factor at least")
    if len(set(factors)) < len(factors):
        raise ValueError(f"a factor stands once in a model: {', '.join(factors)}")
    return FactorModel("CUSTOM", " ".join(factors), factors, "as given")
