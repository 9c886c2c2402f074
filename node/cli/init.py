"""kudos-node init: makes the node's folder, its keys, its policy and its ledger."""

import secrets
from datetime import UTC, datetime

import click

from node.cli import output
from node.errors import NodeError, UsageError
from node.home import INDUSTRIES, Home, county_code, slug, write_private


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
            "Say --standalone: this version works alone. Joining a network by invitation comes with the federation."
        )
    home = output.state.home
    if home.settings_file.exists():
        raise NodeError(f"{home.path} holds a node already. To make another one, give another folder: --home DIR")
    _check_left_over(home)
    text = name.strip()
    if not text or len(text) > 120 or not text.isprintable():
        raise UsageError("--name is 1 to 120 printable characters.")
    code = county_code(county)
    domains = tuple(_domain(domain) for domain in own_domains)
    _make(home, text, industry, code, domains)
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


def _domain(text: str) -> str:
    """A mail domain as it is compared with; people like to write it with the @."""
    from privacy.identity.normalise import normalise_domain

    domain = normalise_domain(text.strip().removeprefix("@"))
    if domain is None:
        raise UsageError(f"--own-domain {text!r} is no mail domain. Write what follows the @, such as nordscenen.no.")
    return domain


def _check_left_over(home: Home) -> None:
    """Refuses a folder in which a node has worked, so that its budget and customers never start anew."""
    from privacy.ledger.store import Ledger

    used = home.store_file.exists()
    if home.ledger_file.exists():
        ledger = Ledger.open(home.ledger_file)
        used = used or len(ledger.contents().entries) > 1
        ledger.close()
    if used:
        raise NodeError(
            f"{home.path} holds a node that has worked, but not its settings.toml. Restore that file from your backup: "
            "a node made anew would forget what was spent and would not know its customers again."
        )


def _make(home: Home, name: str, industry: str, county: str, own_domains: tuple[str, ...]) -> None:
    from importlib.metadata import version

    from node.release.sign import create_signing_key, load_signing_key, public_key_text
    from privacy.budget.policy_file import DEFAULT_TEXT
    from privacy.ledger.store import Ledger

    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.path.chmod(0o700)
    home.profiles.mkdir(mode=0o700, exist_ok=True)
    for file in (home.identity_key_file, home.ordering_key_file):
        if not file.exists():
            write_private(file, secrets.token_hex(32).encode())
    member = f"{slug(name)}-{secrets.token_hex(4)}"
    origin = f"standalone/ledger/{member}"
    if home.ledger_file.exists():
        ledger = Ledger.open(home.ledger_file)
        origin = ledger.contents().opened.origin
        member = origin.rpartition("/")[2]
    else:
        key = (
            load_signing_key(home.signing_key_file)
            if home.signing_key_file.exists()
            else create_signing_key(home.signing_key_file)
        )
        ledger = Ledger.create(
            home.ledger_file,
            origin=origin,
            public_key=public_key_text(key.public_key()),
            version=version("kudos"),
            now=datetime.now(UTC).replace(microsecond=0),
        )
    ledger.close()
    if not home.policy_file.exists():
        write_private(home.policy_file, DEFAULT_TEXT.encode())
    write_private(home.settings_file, _settings(name, industry, county, member, origin, own_domains).encode())


def _settings(name: str, industry: str, county: str, member: str, ledger: str, domains: tuple[str, ...]) -> str:
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("Who this institution is. `member` and `ledger` never change."))
    document.update({"name": name, "industry": industry, "county": county, "member": member, "ledger": ledger})
    document.update({"timezone": "Europe/Oslo", "own_domains": list(domains)})
    return tomlkit.dumps(document)
