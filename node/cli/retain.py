"""kudos-node retain: takes out what is too old to be kept."""

import click

from node.cli import naming, output
from node.cli.output import things


@click.command()
@click.option(
    "--months",
    type=click.IntRange(12, 600),
    default=36,
    show_default=True,
    help="How many months to keep, counted back from the newest order line.",
)
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before it goes.")
@output.common
def command(months: int, dry_run: bool, yes: bool) -> None:
    """Take out orders that are older than so many months, and customers of whom nothing stays.

    It happens when you say so and never by itself: put it into cron if your rules ask for it. An order goes when its
    last line is older and no return that stays takes it back. Of customers who stay, the day of their first order is
    kept. The store's file is written anew, so that the bytes are gone too, and the last import can no longer be undone.

    Who stayed away for 36 months counts as new. To tell that of customers who came back in the newest twelve months
    their orders of up to 48 months ago are needed: with fewer months kept, a few who came back are counted as new.
    """
    from node.controller.retaining import look, retain

    home = output.state.home
    home.settings()
    old = look(home, months)
    if old.lines or old.customers:
        told = (
            f"{things(old.lines, 'order line')} of {things(old.orders, 'order')} before {old.before}, and "
            f"{things(old.customers, 'customer')} of whom nothing stays"
        )
        output.say(f"To go: {told}.")
        if not dry_run:
            naming.sure(f"Take out {told}, for good?", yes=yes)
            output.say("Writing the store anew …")
            old = retain(home, months)
            output.say("Done. The register has it: kudos-node removals")
    else:
        output.say(f"Nothing is older than {months} months before the newest order line.")
    if output.state.as_json:
        output.emit({**vars(old), "before": None if old.before is None else str(old.before), "removed": not dry_run})
