"""RISK's estimates: one row a method and level."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.context import Context
    from engine.quant.risk import TailRisk

METHODS: Mapping[str, tuple[str, ...]] = {
    "ALL": (),
    "HISTORICAL": ("HIST", "HS"),
    "AGE": ("BRW",),
    "SCALED": ("HULLWHITE", "HW"),
    "FILTERED": ("FHS", "GARCH"),
    "NORMAL": ("PARAMETRIC", "GAUSSIAN"),
    "T": ("STUDENT",),
    "CORNISHFISHER": ("CF", "MODIFIED"),
    "COPULA": ("MONTECARLO", "MC"),
    "TCOPULA": (),
    "EVT": ("POT",),
    "CONDITIONALEVT": ("CEVT", "MCNEILFREY"),
}
LABELS: Mapping[str, str] = {
    "HISTORICAL": "historical",
    "AGE": "age-weighted",
    "SCALED": "volatility-scaled",
    "FILTERED": "filtered (GARCH)",
    "NORMAL": "normal",
    "T": "Student t",
    "CORNISHFISHER": "Cornish-Fisher",
    "COPULA": "Gaussian copula",
    "TCOPULA": "t copula",
    "EVT": "peaks over threshold",
    "CONDITIONALEVT": "GARCH and peaks",
}
FORMULAS: Mapping[str, str] = {
    "HISTORICAL": "quantile of past portfolio returns (type 7), mean of the worst (1 - level) n of them",
    "AGE": "the same with weights 0.995^age (Boudoukh, Richardson and Whitelaw 1998)",
    "SCALED": "each return x tomorrow's EWMA volatility / its own day's (Hull and White 1998)",
    "FILTERED": "mean + tomorrow's GARCH(1,1) deviation x past surprises (Barone-Adesi et al. 1999)",
    "NORMAL": "-mean + z x deviation (ddof 1); shortfall -mean + deviation x phi(z) / (1 - level)",
    "T": "quantile of a t fitted by maximum likelihood",
    "CORNISHFISHER": "normal quantile bent by skewness and kurtosis (Zangari 1996; Maillard 2012)",
    "COPULA": "simulated joint returns: normal scores' correlation, each asset's own past quantiles",
    "TCOPULA": "simulated joint returns: Kendall's tau, degrees of freedom by maximum likelihood",
    "EVT": "generalised Pareto tail over the worst tenth of losses, maximum likelihood (McNeil 1997)",
    "CONDITIONALEVT": "GARCH(1,1), then a Pareto tail of its surprises (McNeil and Frey 2000)",
}
ROOT = "; over several days the one-day figure x their square root"
OWN_HORIZON = ("FILTERED", "NORMAL")


@dataclass(frozen=True, slots=True)
class Asked:
    """What RISK is asked: joint returns (n, k), weights (k,), and the assumptions."""

    values: NDArray[Any]
    weights: NDArray[Any]
    levels: tuple[float, ...]
    methods: tuple[str, ...]
    horizon: int
    seed: int
    simulations: int

    @property
    def portfolio(self) -> NDArray[Any]:
        """Returns (n,) of the portfolio, its weights restored every day."""
        found: NDArray[Any] = self.values @ self.weights
        return found


def chosen(word: str) -> tuple[str, ...]:
    return tuple(LABELS) if word == "ALL" else (word,)


def estimates(context: Context, asked: Asked) -> list[tuple[str, TailRisk]]:
    """Every method at every level; what a method cannot do with so few or such returns is told."""
    from engine.quant.risk import scaled

    found: list[tuple[str, TailRisk]] = []
    known = _estimators(context, asked)
    for at, method in enumerate(asked.methods):
        context.check_cancelled()
        context.progress(at, 2 * len(asked.methods), LABELS[method])
        faults: dict[str, None] = {}  # what fails at one level may do at another
        for level in asked.levels:
            try:
                risk = known[method](level)
            except ValueError as fault:
                faults[str(fault)] = None
                continue
            found.append((method, risk if method in OWN_HORIZON else scaled(risk, asked.horizon)))
        for told in faults:
            context.note(f"{LABELS[method]} is left out: {told}.", "warning")
    return found


def _estimators(context: Context, asked: Asked) -> Mapping[str, Callable[[float], TailRisk]]:
    from functools import cache

    from engine.quant import risk

    r, seed = asked.portfolio, asked.seed
    pairs = asked.values.shape[1] * (asked.values.shape[1] - 1) // 2

    @cache
    def garch() -> risk.Garch:
        return risk.fit_garch(r)

    @cache
    def joint(family: risk.Family, draws: int) -> dict[float, TailRisk]:
        found = risk.copula_risks(
            asked.values, asked.weights, asked.levels, family=family, simulations=asked.simulations, draws=draws,
            seed=seed, step=context.check_cancelled,
        )  # fmt: skip
        return dict(zip(asked.levels, found, strict=True))

    return {
        "HISTORICAL": lambda level: risk.historical_risk(r, level, seed=seed),
        "AGE": lambda level: risk.age_weighted_risk(r, level, seed=seed),
        "SCALED": lambda level: risk.volatility_scaled_risk(r, level, seed=seed),
        "FILTERED": lambda level: risk.filtered_risk(
            r, level, horizon=asked.horizon, simulations=asked.simulations, seed=seed, garch=garch()
        ),
        "NORMAL": lambda level: risk.normal_risk(r, level, horizon=asked.horizon),
        "T": lambda level: risk.t_risk(r, level),
        "CORNISHFISHER": lambda level: risk.cornish_fisher_risk(r, level, seed=seed),
        "COPULA": lambda level: joint("gaussian", 100)[level],
        # Kendall's tau of every pair is worked out again in each draw
        "TCOPULA": lambda level: joint("t", max(20, min(100, 300 // max(pairs, 1))))[level],
        "EVT": lambda level: risk.evt_risk(r, level),
        "CONDITIONALEVT": lambda level: risk.conditional_evt_risk(r, level, garch=garch()),
    }
