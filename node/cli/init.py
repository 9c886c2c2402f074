"""kudos-node init: makes the node's folder, its keys, its policy and its ledger."""

import click

from node.cli import output
from node.cli.domains import mail_domains
from node.errors import NodeError, UsageError
from privacy.catalogue.institutions import INDUSTRIES, county_code


@click.command()
@click.option("--standalone", is_flag=True, help="Work alone, before joining a network. Keys are made here.")
@click.option("--name", required=True, help="The institution's name, as others may see it.")
@click.option("--industry", required=True, type=click.Choice(INDUSTRIES), help="What kind of institution it is.")
@click.option("--county", required=True, help="The county that it is in, by name or code.")
@click.option(
    "--own-domain",
    "own_domains",
    multiple=True,
    help="A mail domain of the institution itself; addresses there are no customers. May be given several times.",
)
@output.common
def command(standalone: bool, name: str, industry: str, county: str, own_domains: tuple[str, ...]) -> None:
    """Make a node in its folder: keys, policy, ledger.

    \b
    Example:  kudos-node init --standalone --name Fjordteatret --industry performing-arts --county Vestland

    Everything stays in the folder, readable by you alone. The policy allows nothing yet. A folder that already holds
    a node is left as it is.
    """
    if not standalone:
        raise UsageError(
            "Say --standalone to work alone. With an invitation to a network it is: kudos-node join INVITATION"
        )
    from node.founding import Institution, check_left_over, found

    home = output.state.home
    if home.settings_file.exists():
        raise NodeError(f"{home.path} holds a node already. To make another one, give another folder: --home DIR")
    check_left_over(home)
    text = name.strip()
    if not text or len(text) > 120 or not text.isprintable():
        raise UsageError("--name is 1 to 120 printable characters.")
    code = county_code(county)
    domains = mail_domains(own_domains)
    found(home, Institution(text, industry, code, domains), own_identity_key=True)
    if output.state.as_json:
        output.emit({"home": str(home.path), "name": text, "industry": industry, "county": code})
        return
    output.say(f"{text} now has a node in {home.path} (only you can read it).")
    output.say("  keys, policy and ledger made   ✓   back up this folder: the ledger is never made anew")
    output.say("  the policy allows nothing yet      see: kudos-node policy show")
    if domains:
        output.say(f"  addresses at {', '.join(domains)} are your own and count as no customer")
    output.say("  to correct name, county or own domains later, edit settings.toml there, then: kudos-node doctor")
    output.say("Next: import what your ticketing system exports.   kudos-node import FILE…")
