"""What an import says while it goes on: what each file is, how far it is, and what would go wrong with it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.cli import import_check, output

if TYPE_CHECKING:
    from node.ingest.source import Source


class Progress:
    """A bar per file on a terminal; a line per file elsewhere; nothing but errors where JSON was asked for."""

    def __init__(self, source: str | None, *, accept_no_customers: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._quiet = output.state.as_json or not sys.stderr.isatty()
        self._bar = Progress(
            TextColumn("  {task.description}"),
            BarColumn(),
            TextColumn("{task.fields[rows]} rows · {task.fields[speed]} rows/s"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=self._quiet,
            transient=True,
        )
        self._task: Any = None
        self._rows = 0
        self._source = source
        self._begun: Path | None = None
        self._accept_no_customers = accept_no_customers
        self.earlier = import_check.Earlier()
        self.known: dict[str, import_check.Before] = {}

    def __enter__(self) -> "Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begins(self, source: "Source") -> None:
        """Says what the file was recognised as. Raises ImportRefused for what would count twice or be forgotten.

        Nothing of an import is kept before all of it is, so that a refusal here leaves the store as it was.
        """
        profile = source.found.profile
        name = self._source or profile.name
        if self._begun != source.path:
            layout = source.found.layout.name
            output.say(f"{source.path.name}   {profile.title} ({profile.basis} profile), {layout}; {source.written}")
            self._compare(source, name)
        self._begun = source.path
        self._rows = 0
        self._task = self._bar.add_task("reading", total=source.size or None, rows="0", speed="–")

    def _compare(self, source: "Source", name: str) -> None:
        digest = source.sha256()
        other = self.earlier.other(digest, name)
        if other is not None:
            import_check.refuse_twice(source.path.name, name, other)
        same = self.earlier.same(digest, name)
        if same is not None:
            self.known[str(source.path)] = same
        sales = import_check.columns_of_sales(source)
        if sales:
            output.complain(import_check.no_sales(source, sales))
        missing = import_check.lacks_customers(source)
        if not missing:
            return
        again = same is not None and same.newest
        if name in self.earlier.with_customers and not again and not self._accept_no_customers:
            import_check.refuse_forgetting(source.path.name, name, missing)
        output.complain(
            f"{source.path.name}: no column says who bought: {'; '.join(missing)}. Its sales are anonymous. If one "
            "of its columns has the address, copy the profile and write that column's name."
        )

    def read(self, size: int, rows: int) -> None:
        """Moves the bar."""
        if self._task is None:
            return
        self._rows += rows
        task = self._bar.tasks[self._task]
        speed = output.count(int(self._rows / task.elapsed)) if task.elapsed else "–"
        self._bar.update(self._task, advance=size, rows=output.count(self._rows), speed=speed)

    def says(self, text: str) -> None:
        """A word in between: on a terminal always, elsewhere only why nothing seems to happen."""
        if not self._quiet:
            self._bar.console.print(f"  {text}", highlight=False)
        elif "waiting" in text:
            output.complain(text)
