"""What one run of the terminal remembers: pages visited, lines typed, and that both are on disk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from terminal.keeper import Keeper
from terminal.recall import Recall
from terminal.visits import Visit
from terminal.workspace import capture, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.page import Page
    from terminal.seams import StandingLike, StateLike


class Session:
    """Begins where the last one ended. ``tell`` is called from other threads when saving fails or works again."""

    def __init__(self, state: StateLike | None, tell: Callable[[Exception | None], object]) -> None:
        self.begun_with = load(state)
        self.visits = self.begun_with.to_visits()
        self.history = Recall(list(self.begun_with.history))
        self._keeper = Keeper(state, tell) if state is not None else None
        self._worked_at = ""
        self._unsaved: dict[str, Exception] = {}

    def visit(self, page: Page, line: str, *, again: bool) -> None:
        """A page was made: it is where the reader stands now."""
        lineage = page.lineage
        asof = "" if lineage is None or lineage.live else lineage.asof.isoformat()
        command = page.live or (lineage.command if lineage is not None else line)
        titles = tuple(panel.title for panel in page.panels)
        self.visits.add(Visit(command, asof, page.title, titles, again or bool(page.live), page))

    def worked(self) -> None:
        """Something was shown or typed: of several sessions the one that says so last comes back."""
        self._worked_at = datetime.now(UTC).isoformat()

    def keep(self, standing: StandingLike | None, theme: str, draft: str) -> None:
        """Note the session as it stands; the keeper writes it off this thread."""
        if self._keeper is None:
            return
        from engine.secret_lines import without_secret

        draft = without_secret(draft)  # a key typed into the line by mistake
        asof, security = self.begun_with.asof, self.begun_with.security  # until the desk is open
        if standing is not None:
            asof = standing.asof.isoformat() if standing.asof is not None else ""
            security = standing.security.label if standing.security is not None else ""
        self._keeper.keep(
            capture(self.visits, asof=asof, security=security, history=self.history.added, theme=theme, draft=draft,
                    worked_at=self._worked_at)
        )  # fmt: skip

    def flush(self) -> None:
        """Write what was noted, now."""
        if self._keeper is not None:
            self._keeper.flush()

    @property
    def error(self) -> Exception | None:
        """Why the workspace is not on disk."""
        return self._keeper.error if self._keeper is not None else None

    def note_kept(self, what: str, error: Exception | None) -> str:
        """``what`` could be saved or could not: the sentence about all that is not, which is logged once."""
        if error is None:
            self._unsaved.pop(what, None)
        elif repr(self._unsaved.get(what)) != repr(error):
            from terminal.failures import log_failure

            self._unsaved[what] = error
            log_failure(error, f"saving the {what}")
        reasons = dict.fromkeys(str(error) for error in self._unsaved.values())
        return f"{' and '.join(self._unsaved)} not saved: {'; '.join(reasons)}" if reasons else ""
