"""kudos-node systems: the ticketing systems whose exports are understood."""

import click

from node.cli import output

BASIS = {
    "verified": "verified    run against real output of the system",
    "documented": "documented  built from public documentation",
    "template": "template    to be completed by you",
    "standard": "standard    the Kudos transaction standard itself",
    "own": "own         a profile of yours",
}


@click.command()
@output.common
def command() -> None:
    """List the ticketing systems whose exports are understood, and on what each profile rests."""
    from node.ingest import profile

    profiles = {**profile.shipped(), **profile.own(output.state.home.profiles)}
    if output.state.as_json:
        output.emit(
            [
                {
                    "name": each.name,
                    "title": each.title,
                    "basis": each.basis,
                    "rests_on": each.rests_on,
                    "layouts": [
                        {"name": layout.name, "resource": layout.resource, "columns": sorted(layout.used)}
                        for layout in each.layouts
                    ],
                }
                for each in profiles.values()
            ]
        )
        return
    output.table(
        ["system", "title", "basis", "files"],
        [
            (each.name, each.title, each.basis, "; ".join(layout.name for layout in each.layouts))
            for each in profiles.values()
        ],
    )
    output.say()
    for basis in dict.fromkeys(each.basis for each in profiles.values()):
        output.say(f"  {BASIS[basis]}")
    output.say("\nAnother system: describe its export in a profile of your own and import with --system my-system.toml")
    output.say("(docs/profiles.md shows how).")
