"""The yardstick: a Textual app of one Input and one Footer, and nothing else."""

from textual.app import App, ComposeResult
from textual.widgets import Footer, Input


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Input(placeholder="type a command")
        yield Footer()


if __name__ == "__main__":
    Bare().run()
