"""A masked prompt: the one place in the terminal where a key is typed. What is typed stands in dots and goes nowhere
but to the one who keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from terminal.strips import plain

if TYPE_CHECKING:
    from engine.errors import NeedsSecret


class SecretPrompt(ModalScreen[str]):
    """Asks for the parts of a secret; dismissed with the sentence that says where they are kept, or with ``""``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]
    DEFAULT_CSS = """
    SecretPrompt { align: center middle; }
    SecretPrompt > VerticalScroll {
        width: 72; max-width: 94%; height: auto; max-height: 94%;
        border: round $primary; padding: 0 1; background: $background;
    }
    SecretPrompt Static { width: 100%; height: auto; }
    SecretPrompt .secret--fault { color: $error; }
    SecretPrompt .secret--hint { color: $text-muted; }
    SecretPrompt Input, SecretPrompt Input:focus { height: 1; border: none; padding: 0; background: $surface; }
    """

    def __init__(self, asked: NeedsSecret) -> None:
        super().__init__()
        self._asked = asked
        self._inputs = [Input(password=True, select_on_focus=False) for _ in asked.fields]
        self._fault = Static("", classes="secret--fault")
        self._busy = False

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False) as box:
            box.border_title = Content(plain(self._asked.title))
            for sentence in self._asked.about:
                yield Static(Content(plain(sentence)), classes="secret--hint")
            for part, masked in zip(self._asked.fields, self._inputs, strict=True):
                yield Static(Content(plain(part.label)))
                yield masked
            yield self._fault
            yield Static(
                Content("Enter keeps · Tab to the next field · Esc leaves"),
                classes="secret--hint",
            )

    def on_mount(self) -> None:
        self._inputs[0].focus()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Enter in the last field keeps; before it, it leads to the next."""
        message.stop()
        at = self._inputs.index(message.input)
        if at + 1 < len(self._inputs):
            self._inputs[at + 1].focus()
        elif not self._busy:
            self._busy = True
            self._say("keeping ...")
            values = {
                part.name: each.value for part, each in zip(self._asked.fields, self._inputs, strict=True)
            }
            self.run_worker(lambda: self._keep(values), thread=True, exit_on_error=False)

    def _keep(self, values: dict[str, str]) -> None:
        """In a thread: making a key of a passphrase takes a tenth of a second, a keyring as long as it likes."""
        try:
            done, told = True, self._asked.keep(values)
        except Exception as fault:
            done, told = False, str(fault) or type(fault).__name__
        self.app.call_from_thread(self._kept, done, told)

    def _kept(self, done: bool, told: str) -> None:
        self._busy = False
        if done:
            self.dismiss(told)
        else:
            self._say(told)
            self._inputs[-1].focus()

    def _say(self, text: str) -> None:
        self._fault.update(Content(plain(text)))

    def action_leave(self) -> None:
        self.dismiss("")
