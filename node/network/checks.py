"""What the doctor looks at on the way to the coordinator."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from node.home import Home
from node.network.errors import NoConnection, RefusedByCoordinator
from node.network.membership import Files, joined, membership
from node.network.tls import held
from node.wire.federation import connected
from node.wire.probe import probe

LARGEST_CLOCK_ERROR_S = 120


@dataclass(frozen=True)
class Look:
    """One thing that was looked at: `status` is good, warning or fault, `do` what to do where it is not good."""

    what: str
    status: str
    says: str
    do: str = ""


def look(home: Home) -> Iterator[Look]:
    """The network, as far as this node is in one: certificate, name, port, TLS, and what the coordinator says of it."""
    if not joined(home):
        yield Look("network", "good", "works alone, in no network")
        return
    network, files = membership(home), Files(home)
    yield Look("network", "good", f"{network.id} of {network.trust_domain}, at {network.address}")
    now = datetime.now(UTC)
    certificate = held(files.certificate)
    if now >= certificate.ends:
        do = "ask the coordinator for a new invitation: your ledger goes on"
        yield Look("certificate", "fault", f"ended on {certificate.ends:%Y-%m-%d}", do)
        return
    if certificate.renew_now(now):
        says = f"ends on {certificate.ends:%Y-%m-%d} and should have been renewed"
        yield Look("certificate", "warning", says, "let the agent work: kudos-node run --once")
    else:
        yield Look("certificate", "good", f"valid to {certificate.ends:%Y-%m-%d}, renewed by kudos-node run")
    steps = probe(network.address, files.authority, files.certificate)
    for step in steps:
        yield Look(step.what, "good" if step.good else "fault", step.says, step.do)
    if all(step.good for step in steps):
        yield _greeting(home)


def _greeting(home: Home) -> Look:
    try:
        with connected(home) as coordinator:
            hello = coordinator.hello()
    except (NoConnection, RefusedByCoordinator) as error:
        return Look("coordinator", "fault", str(error), "do what it says, or call the coordinator")
    apart = abs(datetime.now(UTC).timestamp() - hello.time_s)
    if apart > LARGEST_CLOCK_ERROR_S:
        says = f"its clock and this machine's are {apart / 60:.0f} minutes apart"
        return Look("coordinator", "warning", says, "set this machine's clock by a time server")
    return Look("coordinator", "good", f"knows this node as {hello.name} ({hello.role}); Kudos {hello.version} there")
