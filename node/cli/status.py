"""kudos-node status: how the node stands, asking nobody."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from node.cli import output

if TYPE_CHECKING:
    from node.home import Home


@click.command()
@output.common
def command() -> None:
    """Show who this node is, how its ledger stands, and when its certificate ends: for monitoring; nobody is asked.

    \b
    Example:  kudos-node status --json

    What is wrong, and what to do about it, says `kudos-node doctor`, which also asks the coordinator.
    """
    from privacy.ledger.store import Ledger

    home = output.state.home
    settings = home.settings()
    with Ledger.open(home.ledger_file) as ledger:
        contents = ledger.contents()
    network = _network(home)
    cosigned = contents.cosigned
    told: dict[str, object] = {
        "member": settings.member,
        "name": settings.name,
        "entries": len(contents.entries),
        "last_entry": f"{contents.last.time:%Y-%m-%dT%H:%M:%SZ}",
        "cosigned": None if cosigned is None else cosigned.size,
        "network": network,
        "store": home.store_file.exists(),
    }
    if output.state.as_json:
        output.emit(told)
        return
    output.say(f"{settings.name} ({settings.member})")
    seen = "no witness" if cosigned is None else f"{cosigned.size} cosigned"
    output.say(f"  ledger       {output.things(len(contents.entries), 'entry', 'entries')}, {seen}")
    if network is None:
        output.say("  network      none: this node works alone")
    else:
        output.say(f"  network      {network['trust_domain']}, at {network['address']}")
        late = " ! it should have been renewed: is the agent running?" if network["renewal_late"] else ""
        output.say(f"  certificate  ends on {str(network['certificate_ends'])[:10]}{late}")


def _network(home: "Home") -> dict[str, object] | None:
    from node.membership.settings import Files, joined, membership
    from node.membership.tls import held

    if not joined(home):
        return None
    network, certificate, now = membership(home), held(Files(home).certificate), datetime.now(UTC)
    return {
        "trust_domain": network.trust_domain,
        "address": network.address,
        "certificate_ends": f"{certificate.ends:%Y-%m-%dT%H:%M:%SZ}",
        "renewal_late": certificate.renew_now(now),
    }
