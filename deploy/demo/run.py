"""`make demo`: an invented institution, its exports, and a node that is put to work on them.

    python -m deploy.demo.run [--folder .demo] [--customers 24000] [--system tixly]

The node's commands are the real ones, run as programs of their own. The folder is kept.
"""

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

import click
from rich.table import Table

from deploy.demo import exports
from deploy.demo.compare import Blurred, Compared, blurred, figure_by_figure
from deploy.demo.folder import NotOurs, contents, fresh
from deploy.demo.institution import Institution
from deploy.demo.stage import Failed, Stage
from deploy.demo.world import Truth, invent
from privacy.catalogue.institutions import COUNTIES

_STUDY = "benchmark"


@click.command()
@click.option(
    "--folder", default=".demo", show_default=True, type=click.Path(path_type=Path), help="Made anew and kept."
)
@click.option(
    "--customers", default=24_000, show_default=True, type=click.IntRange(50, 200_000), help="How many to invent."
)
@click.option(
    "--system",
    default="tixly",
    show_default=True,
    type=click.Choice(list(exports.SYSTEMS)),
    help="Whose exports to write.",
)
def main(folder: Path, customers: int, system: str) -> None:
    """Invent an institution, import its exports into a node, and make a release that could leave."""
    begun = time.monotonic()
    try:
        stage = Stage(home=folder / "node")
        institution = Institution(customers=customers)
        _in_time(institution)
        fresh(folder)
        truth, files = _invent(stage, institution, system, folder / "exports")
        _work(stage, institution, files)
        entry = stage.reads("outbox list")[-1]["entry"]
        right = _judge(stage, truth, entry)
    except (NotOurs, Failed) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    _farewell(stage, folder, files[-1], entry, truth, time.monotonic() - begun)
    sys.exit(0 if right else 1)


def _in_time(institution: Institution) -> None:
    """Raises Failed where this machine's clock stands before the invented sales: a node takes none of the future."""
    today = datetime.now(UTC).date()
    if today < institution.last:
        raise Failed(
            f"The invented sales end on {institution.last}, and this machine's clock says {today}. A node refuses "
            "sales of the future: set the clock."
        )


def _invent(stage: Stage, institution: Institution, system: str, folder: Path) -> tuple[Truth, list[Path]]:
    """Makes the world and its exports; says what it made."""
    stage.says("# An institution is invented, so that the truth about it is known: nobody in it exists.", "bold cyan")
    world = invent(institution)
    folder.mkdir(parents=True)
    files = exports.write(world, system, folder)
    size = sum(file.stat().st_size for file in files)
    stage.says(
        f"{institution.name}: {_spaced(institution.customers)} customers, {_spaced(len(world.orders.time))} orders, "
        f"{_spaced(int(world.lines.quantity.sum()))} tickets in {12 * institution.years} months to {institution.last}"
    )
    names = ", ".join(file.name for file in files)
    stage.says(f"{folder}: {names} ({size / 1e6:.0f} MB), written as {system} writes its exports")
    return exports.expected(world, system), sorted(files)


def _work(stage: Stage, institution: Institution, files: Sequence[Path]) -> None:
    """What an institution does in its first quarter of an hour."""
    as_of = f"--as-of {institution.last}"
    county = COUNTIES[institution.county].name
    stage.heading("A node is made: keys, an empty ledger, and a policy that allows nothing.")
    who = f"--name {quote(institution.name)} --industry {institution.industry} --county {quote(county)}"
    stage.runs(f"init --standalone {who}")
    stage.heading("The exports are read; e-mails and telephone numbers become keyed hashes, and are not kept.")
    pattern = f"{quote(str(files[0].parent))}/*{files[0].suffix}"
    stage.runs(f"import {pattern}", ["import", *map(str, files)])
    stage.heading("The institution's own figures: exact, and for its own eyes.")
    stage.runs(f"kpi {as_of}")
    stage.heading("NPU's study is allowed, by its digest: were it changed later, it would be refused.")
    stage.runs(f"policy allow {_STUDY}")
    stage.heading("The policy is checked: what may leave, and whether it is still the study that was read.")
    stage.runs("policy check")
    stage.heading("What would leave, how blurred, and what it would cost; until now nothing is spent.")
    stage.runs(f"review {_STUDY} {as_of}")
    file = stage.home.parent / f"{_STUDY}.kudos"
    stage.heading("The release: noise is drawn, the budget charged and the bytes signed, all at once or not at all.")
    stage.runs(f"release {_STUDY} {as_of} --yes --to-file {quote(str(file))}")
    stage.heading("What the customers' privacy has cost so far.")
    stage.runs("budget")
    stage.heading("Everything that was ever released, as the ledger holds it.")
    stage.runs("outbox list")


def _judge(stage: Stage, truth: Truth, entry: int) -> bool:
    """Compares the node with the truth, and the release with what was blurred; returns whether the node is right."""
    as_of = f"--as-of {truth.as_of}"
    stage.heading("The node's exact figures beside the invented truth, which only the demo knows.")
    compared = figure_by_figure(truth, stage.reads(f"kpi {as_of}"))
    stage.console.print(_exact(compared))
    right = all(each.equal for each in compared)
    if right:
        stage.says(f"All {len(compared)} figures are equal.", "green")
    else:
        wrong = sum(not each.equal for each in compared)
        stage.says(f"{wrong} of {len(compared)} figures differ: that is a defect.", "bold red")
    cells = blurred(stage.reads(f"review {_STUDY} {as_of}"), stage.reads(f"outbox show {entry}"))
    stage.heading("The released totals beside what the noise was added to, which never leaves.")
    stage.console.print(_noisy([each for each in cells if each.table == "totals"]))
    near = sum(abs(each.errors_apart) <= 1 for each in cells)
    stage.says(
        f"Of all {len(cells)} released figures {100 * near / len(cells):.0f} % lie within one standard error; "
        "68 % are expected."
    )
    return right


def _exact(compared: Sequence[Compared]) -> Table:
    table = Table("figure", box=None, pad_edge=False)
    for name in ("invented", "the node's", ""):
        table.add_column(name, justify="right")
    for each in compared:
        mark = "equal" if each.equal else f"differs by {each.counted - each.invented:+d}"
        table.add_row(each.name, _spaced(each.invented), _spaced(each.counted), mark, style="" if each.equal else "red")
    return table


def _noisy(cells: Sequence[Blurred]) -> Table:
    table = Table("total", box=None, pad_edge=False)
    for name in ("bounded", "released", "standard error", "errors apart"):
        table.add_column(name, justify="right")
    for each in cells:
        apart = f"{each.errors_apart:+.2f}"
        unit = 100 if each.measure == "revenue" else 1
        name = "revenue, kr" if unit == 100 else each.measure
        shown = (each.bounded / unit, each.released / unit, each.standard_error / unit)
        table.add_row(name, *(_spaced(round(value)) for value in shown), apart)
    return table


def _farewell(stage: Stage, folder: Path, file: Path, entry: int, truth: Truth, seconds: float) -> None:
    """What is left, and what to try."""
    stage.heading(f"Done in {seconds:.0f} s. What is left in {folder}:")
    for name, count, size in contents(folder):
        holds = f"{count} file{'s' if count != 1 else ''}, " if name.endswith("/") else ""
        shown = f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.1f} kB"
        stage.says(f"  {name:<18}{holds}{shown}")
    stage.heading("Try next:")
    as_of = f"--as-of {truth.as_of}"
    for words, why in (
        (f"review {_STUDY} {as_of} --cells", "every cell that would leave, with its noise"),
        (f"outbox show {entry}", "every number that is in the release"),
        (
            f"release {_STUDY} {as_of} --to-file {quote(str(folder / 'again.kudos'))}",
            "asked again: the same bytes, for free",
        ),
        (f"import {quote(str(file))}", "imported again: nothing changes"),
        ("kpi", "the newest whole month, without being told"),
        ("systems", "whose exports are understood"),
    ):
        stage.says(f"  {why}")
        stage.says(f"    {stage.command(words)}", "bold")


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


if __name__ == "__main__":
    main()
