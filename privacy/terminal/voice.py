"""A program's voice: tables and sentences for people, JSON for programs, refusals to standard error."""

import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from privacy.terminal.state import State
from privacy.terminal.wording import printable

if TYPE_CHECKING:
    from rich.console import Console

_LONGEST = 110
"""So many characters are read in one line without losing the next."""


@dataclass(frozen=True)
class Voice:
    """How one program speaks, said once; its methods are what its commands print with.

    `program` is its name, `commands` has its commands by name with the module of each, in the order in which somebody
    meets them. `state` finds the state of the command that runs: it is asked each time, for a process that runs
    several commands begins each with a new one. Tables are `wide` characters where there is no terminal; `folds` says
    whether a line on a terminal is broken between words.
    """

    program: str
    commands: Mapping[str, str]
    state: Callable[[], State[Any]]
    wide: int = 120
    folds: bool = True

    def console(self) -> "Console":
        """Where tables go. Without a terminal they are as wide as they need to be."""
        from rich.console import Console  # what prints JSON or refuses needs none of it

        return Console(width=None if sys.stdout.isatty() else self.wide, highlight=False, soft_wrap=False)

    def say(self, text: str = "") -> None:
        """A line for people; nothing where JSON was asked for.

        A terminal that is too narrow is spared lines broken inside a word; what is to be copied is never broken.
        """
        whole = not self.folds or not sys.stdout.isatty() or "\n" in text or self.program in text
        self._print(text, whole=whole)

    def prose(self, text: str) -> None:
        """Sentences for people, broken between words at the width of the terminal, or of tables where there is none."""
        self._print(text, whole=False)

    def typed(self, text: str) -> str:
        """A text in which every command of ours is one that can be typed as it stands, on the same folder."""
        command = rf"{self.program} (?=({'|'.join(self.commands)})\b)"
        return re.sub(command, lambda _: f"{self.program}{self.state().home_option} ", text)

    def emit(self, content: Any) -> None:
        """The result for programs. What would steer a terminal is escaped: JSON reads it as the same."""
        text = json.dumps(content, ensure_ascii=False, indent=2)
        click.echo("".join(letter if letter.isprintable() or letter == "\n" else _escaped(letter) for letter in text))

    def complain(self, text: str) -> None:
        """A sentence to standard error."""
        click.echo(printable(self.typed(text)), err=True)

    def refuse(self, reason: str, message: str) -> None:
        """A refusal: for people a sentence to standard error; for programs its reason too, as the result."""
        self.complain(message)
        self.refuse_as_json(reason, message)

    def refuse_as_json(self, reason: str, message: str) -> None:
        """A refusal as the result, where JSON was asked for, also where the command line was not read to its end."""
        if self.state().as_json or "--json" in sys.argv[1:]:
            self.emit({"error": {"reason": reason, "message": self.typed(message)}})

    def room(self) -> int:
        """How many characters a line has: those of the terminal; without one, what most screens and papers have."""
        return self.console().width if sys.stdout.isatty() else min(self.wide, _WITHOUT_TERMINAL)

    def fitting_table(
        self, columns: Sequence[str], rows: Iterable[Sequence[str]], *, spare: Sequence[str], folded: str = ""
    ) -> None:
        """A table that fits the line: `spare` columns are left out, the first first, until it does, and this is said.

        folded: the column whose text may be broken between words. No other cell is broken in two while there is room.
        """
        kept, found = list(columns), [list(row) for row in rows]
        while spare and _width(kept, found, folded) > self.room():
            at = kept.index(spare[0])
            spare = spare[1:]
            del kept[at]
            for row in found:
                del row[at]
        self.table(kept, found, whole=folded)
        left = [name.removesuffix(">") for name in columns if name not in kept]
        if left:
            self.say(f"  left out, for this is too narrow: {', '.join(left)}. All of it: --json")

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        title: str | None = None,
        whole: str | None = None,
    ) -> None:
        """A table. Columns whose name ends with `>` are aligned to the right.

        whole: given, no cell is broken in two but those of the column of this name, and the line is `room` long.
        """
        from rich.table import Table
        from rich.text import Text

        found = [list(row) for row in rows]
        unbroken = whole is not None and _width(columns, found, whole) <= self.room()

        # Text, for a string would be markup: no escaping of it is right for every name that a member may have.
        heading = None if title is None else Text(printable(title), style="table.title")
        shown = Table(title=heading, title_justify="left", box=None, pad_edge=False, header_style="bold")
        for name in columns:
            shown.add_column(
                name.removesuffix(">"),
                justify="right" if name.endswith(">") else "left",
                overflow="fold",
                no_wrap=unbroken and name != whole,
            )
        for row in found:
            shown.add_row(*(Text(printable(cell)) for cell in row))
        self.console().print(shown, width=None if whole is None else self.room())

    def _print(self, text: str, *, whole: bool) -> None:
        if self.state().as_json:
            return
        console, shown = self.console(), printable(self.typed(text))
        console.print(shown if whole else _folded(shown, console.width), soft_wrap=True, markup=False)


def _width(columns: Sequence[str], rows: Sequence[Sequence[str]], folded: str) -> int:
    """How long a line of a table is, where the column to be folded is no longer than a few words."""
    from rich.cells import cell_len

    widths = [
        min(_FOLDED, max(map(cell_len, cells))) if cells[0] == folded else max(map(cell_len, cells))
        for cells in zip([name.removesuffix(">") if name != folded else name for name in columns], *rows, strict=True)
    ]
    return sum(widths) + 2 * (len(widths) - 1)


_FOLDED = 24
"""So narrow may a column of sentences become."""

_WITHOUT_TERMINAL = 100
"""Of the tables that leave columns out, where there is no terminal."""


def _escaped(letter: str) -> str:
    """A character as JSON escapes it: RFC 8259, section 7, in two halves beyond U+FFFF."""
    return json.dumps(letter, ensure_ascii=True)[1:-1]


def _folded(text: str, width: int) -> str:
    """A text broken between words. What goes on below is indented like its beginning."""
    indent = text[: len(text) - len(text.lstrip())]
    return textwrap.fill(
        text, min(width, _LONGEST), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
