"""``make gallery``: every figure kind as HTML files, made from the embedded data in a store of its own.

python -m terminal.gallery [folder]        # "gallery" where none is named
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from terminal.exits import Exit, guarded, say
from terminal.html_pages import RENDERERS
from terminal.output import write_atomically

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.desk import Desk
    from engine.page import Page

CLOCK = "2012-12-31"
LINES = (
    ("prices", "AAPL GP 10Y 50SMA 200SMA"),
    ("history", "AAPL HP 1Y"),
    ("description", "AAPL DES"),
    ("correlation", "CORR AAPL MSFT IBM JPM XOM GE KO PEP WMT 5Y"),
    ("regimes", "SPX REGIME MONTHLY MAX STATES=2"),
    ("portfolio", "PORT AAPL MSFT JPM XOM"),
    ("optimiser", "OPT AAPL MSFT JPM XOM GE"),
    ("risk", "RISK AAPL MSFT METHOD=HISTORICAL 5Y"),
    ("factors", "AAPL FACT MAX"),
    ("quant", "AAPL QUANT 3Y"),
    ("option", "AAPL OVME"),
    ("indicators", "AAPL FLDS MACD W 5Y"),
    ("backtest", "BACKTEST SPX 50SMA.200EMA"),
    ("help", "HELP GP"),
)


def main(words: Sequence[str]) -> int:
    """Write the gallery, and say where."""
    folder = Path(words[0] if words else "gallery").expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="asof-gallery-") as home:
        desk = _desk(Path(home))
        pages = [*_pages(desk), ("surface", surface_page())]
        for name, page in pages:
            _write(desk, folder / f"{name}.html", [page])
        _write(desk, folder / "index.html", [page for _, page in pages], f"Every figure as of {CLOCK}")
        desk.close()
    say(f"wrote {len(pages) + 1} files into {folder}; index.html holds all pages")
    return Exit.OK


def _write(desk: Desk, path: Path, pages: Sequence[Page], title: str = "") -> None:
    from engine.rendering import rendered

    write_atomically(path, rendered(desk, "html", pages, title).encode("utf-8"))


def _desk(home: Path) -> Desk:
    from engine.desk import Desk
    from providers.embedded import load_embedded
    from store import open_store
    from terminal.progress import Meter

    store = open_store(home)
    with Meter("loading the embedded data", always=True) as meter:
        load_embedded(store, meter)
    desk = Desk(store, "gallery", renderers=RENDERERS)
    desk.asof = desk.instant(CLOCK)
    return desk


def _pages(desk: Desk) -> list[tuple[str, Page]]:
    """A page a line, at one clock. Raises AsofError where a line cannot be run."""
    from terminal.progress import Meter

    made = []
    for name, line in LINES:
        with Meter(line, always=True) as meter:
            made.append((name, desk.run(line, progress=meter)))
    return made


def surface_page() -> Page:
    """A volatility surface from a formula: the embedded data hold no option chain.

    SSVI, w = theta / 2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)), theta = 0.2^2 T, rho = -0.6,
    phi = 0.9 theta^-0.4 (Gatheral and Jacquier 2014, equation 4.1); volatility is sqrt(w / T).
    """
    import numpy as np

    from engine.figures import Surface
    from engine.page import Note, Page, Panel

    moneyness, years = np.linspace(0.7, 1.3, 25), np.array([1 / 12, 0.25, 0.5, 1.0, 2.0])
    k, t, rho = np.log(moneyness)[None, :], years[:, None], -0.6
    theta = 0.04 * t
    phi = 0.9 * theta**-0.4
    w = theta / 2 * (1 + rho * phi * k + np.sqrt((phi * k + rho) ** 2 + 1 - rho**2))
    values = np.sqrt(w / t)
    labels = tuple(f"{months} months" for months in (1, 3, 6, 12, 24))
    figure = Surface(
        moneyness, years, values, "moneyness", "expiry in years", y_labels=labels, formula="sqrt(w(k, T) / T)"
    )
    note = Note("From a formula, to show the figure: the embedded data hold no option chain.", "warning")
    return Page("A volatility surface", (Panel("surface", "SSVI, five expiries", figure),), notes=(note,))


if __name__ == "__main__":
    sys.exit(guarded(lambda: main(sys.argv[1:])))
