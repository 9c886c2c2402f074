"""kudos-node systems: the ticketing systems whose exports are understood."""

import click

from node.cli import output

BASIS = {
    "verified": "verified    run against real output of the system",
    "documented": "documented  built from public documentation, never run against a real export",
    "standard": "standard    the Kudos transaction standard itself",
    "own": "own         a profile of yours",
    "template": "template    nothing public says how it writes: you complete it once, with an export of yours",
}
"""On what a profile rests, in the order in which it is worth relying on."""


@click.command()
@output.common
def command() -> None:
    """List the ticketing systems whose exports are understood, and on what each profile rests."""
    from node.ingest import profile

    known = {**profile.shipped(), **profile.own(output.state.home.profiles)}
    profiles = sorted(known.values(), key=lambda each: (list(BASIS).index(each.basis), each.title.casefold()))
    if output.state.as_json:
        output.emit(
            [
                {
                    "name": each.name,
                    "title": each.title,
                    "basis": each.basis,
                    "rests_on": each.rests_on,
                    "export": None if each.template is None else each.template.export,
                    "layouts": [
                        {"name": layout.name, "resource": layout.resource, "columns": sorted(layout.used)}
                        for layout in each.layouts
                    ],
                }
                for each in profiles
            ]
        )
        return
    output.table(
        ["system", "title", "basis", "files"],
        [
            (each.name, each.title, each.basis, "; ".join(layout.name for layout in each.layouts) or "–")
            for each in profiles
        ],
    )
    output.say()
    for basis in dict.fromkeys(each.basis for each in profiles):
        output.say(f"  {BASIS[basis]}")
    output.say("\nOne of them in full:    kudos-node profile show NAME")
    output.say("Complete a template:    kudos-node profile new FILE --system NAME")
    output.say("A system not listed:    kudos-node profile new FILE")
