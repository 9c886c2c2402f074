"""kudos-node doctor: is everything in order, and what to do where it is not."""

import click

from node.cli import output


@click.command()
@output.common
def command() -> None:
    """Check the node: settings, keys, policy, profiles, store, ledger, clock, disk and noise.

    Ends with exit status 1 where something must be mended.
    """
    from node.doctor import examine

    findings = list(examine(output.state.home))
    if output.state.as_json:
        output.emit([vars(each) for each in findings])
    else:
        marks = {"good": "✓", "warning": "!", "fault": "✗"}
        wide = max(10, *(len(each.what) for each in findings))
        for each in findings:
            output.say(f"{marks[each.status]} {each.what:<{wide}} {each.says}")
            if each.do:
                output.say(f"{'':<{wide + 2}} → {each.do}")
    if any(each.status == "fault" for each in findings):
        raise click.exceptions.Exit(1)
