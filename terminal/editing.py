"""A changed assumption: the page's command runs again with that argument, and the page is renewed in place.

The reader stays in the field: what is refused stands there with the reason, what is typed meanwhile goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from terminal.messages import Edit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.errors import AsofError
    from terminal.messages import Job
    from terminal.widgets.form import FormPanel


class EditsForms:
    """The app's share."""

    _edits: list[str]  # lines of edits that are not answered yet, oldest first

    def on_form_panel_edited(self: Any, message: FormPanel.Edited) -> None:
        """Run the page's command with one argument changed, after those changed a moment ago."""
        from engine.errors import AsofError

        form, name, text = message.form, message.name, message.text
        shown = self.page.lineage if self.page is not None else None
        if shown is None or self.standing is None:
            form.refuse(name, text, "This page has no command that could be run again.")
            return
        if not self.desk_thread.busy:
            self._edits.clear()
        base = self._edits[-1] if self._edits else shown.command
        try:
            line = self.standing.edited(base, name, text)
        except AsofError as fault:
            form.refuse(name, text, str(fault))
            return
        if line == base:
            form.restore(name)
            return
        self._edits.append(line)
        self.run_line(line, edit=Edit(form, name, text))

    def edited(self: Any, job: Job) -> bool:
        """The page of a changed assumption is there; True where its form is still on the screen."""
        if job.edit is None:
            return False
        self._answered(job)
        job.edit.form.applied(job.edit.name, job.edit.text)
        return bool(job.edit.form.is_attached and not self._covered)

    def refused(self: Any, job: Job, error: AsofError) -> bool:
        """A changed assumption came to nothing; True where its field tells why."""
        if job.edit is None:
            return False
        self._answered(job)
        if not job.edit.form.is_attached:
            return False
        job.edit.form.refuse(job.edit.name, job.edit.text, str(error))
        return True

    def unask(self: Any, dropped: Sequence[Job]) -> None:
        """Lines that were waiting are forgotten: their fields say so."""
        from engine.errors import Cancelled

        for job in dropped:
            self.refused(job, Cancelled("Cancelled before it ran."))

    def _answered(self: Any, job: Job) -> None:
        if job.line in self._edits:
            self._edits.remove(job.line)
