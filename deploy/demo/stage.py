"""Where the demo shows itself: sentences, commands as they can be typed, progress, and how long things took."""

import sys
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

Item = TypeVar("Item")
Result = TypeVar("Result")

_WIDEST = 100


@dataclass
class Stage:
    """Speaks to the person at the screen, in colour on a terminal only."""

    console: Console = field(default_factory=lambda: Console(highlight=False))
    times: list[tuple[str, float]] = field(default_factory=list)
    _begun: float = field(default_factory=time.monotonic)

    def says(self, text: str = "", style: str = "") -> None:
        """Sentences, broken between words; what goes on below a line that is indented is indented too."""
        indent = " " * (len(text) - len(text.lstrip()))
        width = min(self.console.width, _WIDEST) - 1
        folded = textwrap.fill(
            text, width, subsequent_indent=indent + indent, break_long_words=False, break_on_hyphens=False
        )
        self.console.print(Text(folded, style=style), soft_wrap=True)

    def prompt(self, command: str) -> None:
        """A command line, never broken: it is there to be copied."""
        self.console.print(Text(f"$ {command}", style="bold"), soft_wrap=True)

    def quotes(self, line: str, style: str = "") -> None:
        """A line that a program has said, as it stands."""
        self.console.print(Text(f"  {line}", style=style), soft_wrap=True)

    def table(self, shown: Table) -> None:
        """A table."""
        self.console.print(shown)

    @contextmanager
    def step(self, title: str, name: str) -> Iterator[None]:
        """A step with its heading, timed under a short name."""
        self.says()
        self.says(f"{len(self.times) + 1}. {title}", "bold cyan")
        begun = time.monotonic()
        yield
        self.times.append((name, time.monotonic() - begun))

    @property
    def seconds(self) -> float:
        """Since the demo began."""
        return time.monotonic() - self._begun

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Callable[[str], None]]:
        """A bar on a terminal; the function that it yields is told of each thing that is done, for a line of it."""
        if not self.console.is_terminal:
            yield self._line
            return
        columns = TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        with Progress(*columns, console=self.console, transient=True) as bar:
            task = bar.add_task(what, total=total)

            def done(text: str) -> None:
                self._line(text)
                bar.advance(task)

            yield done

    def _line(self, text: str) -> None:
        if text:
            self.console.print(Text(f"  ✓ {text}"), soft_wrap=True)
            sys.stdout.flush()


def side_by_side(
    pool: Executor, work: Callable[[Item], Result], items: Iterable[Item], done: Callable[[Item, Result], None]
) -> dict[Item, Result]:
    """Does the work on every item, as many at a time as the pool has places; results in the order of the items.

    `done` is told of each as it ends. The first failure is raised, and what has not begun by then never does.
    """
    waiting: dict[Any, Item] = {pool.submit(work, item): item for item in items}
    found: dict[Item, Result] = {}
    try:
        for future in as_completed(waiting):
            item = waiting[future]
            found[item] = future.result()
            done(item, found[item])
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    return {item: found[item] for item in waiting.values()}
