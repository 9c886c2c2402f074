"""What the doctor looks at on the way to the coordinator."""

from collections.abc import Iterator
from datetime import UTC, datetime

from node.home import Home
from node.membership.errors import NoConnection, RefusedByCoordinator
from node.membership.settings import Files, Membership, joined, membership
from node.membership.tls import held
from node.network import benchmarks, rounds
from node.network.witness import NetworkWitness
from node.wire.federation import connected
from node.wire.probe import probe
from privacy.errors import KudosError
from privacy.finding import Finding
from privacy.ledger.store import Ledger

LARGEST_CLOCK_ERROR_S = 120


def look(home: Home) -> Iterator[Finding]:
    """The network, as far as this node is in one: certificate, name, port, TLS, and what the coordinator says of it."""
    if not joined(home):
        yield Finding("network", "good", "works alone, in no network")
        return
    network, files = membership(home), Files(home)
    yield Finding("network", "good", f"{network.id} of {network.trust_domain}, at {network.address}")
    yield from _files(home, network)
    now = datetime.now(UTC)
    certificate = held(files.certificate)
    if now >= certificate.ends:
        do = "ask the coordinator for a new invitation: your ledger goes on"
        yield Finding("certificate", "fault", f"ended on {certificate.ends:%Y-%m-%d}", do)
        return
    if certificate.renew_now(now):
        says = f"ends on {certificate.ends:%Y-%m-%d} and should have been renewed"
        yield Finding("certificate", "warning", says, "let the agent work: kudos-node run --once")
    else:
        yield Finding("certificate", "good", f"valid to {certificate.ends:%Y-%m-%d}, renewed by kudos-node run")
    steps = probe(network.address, files.authority, files.certificate)
    yield from steps
    if all(step.good for step in steps):
        greeting = _greeting(home)
        yield greeting
        if greeting.status != "fault":
            yield _witness(home)


def _files(home: Home, network: Membership) -> Iterator[Finding]:
    """What is damaged of the rounds and benchmarks that this node keeps; nothing where all is well."""
    for fault in rounds.look(home, network).faults:
        yield Finding("kept files", "fault", str(fault))
    for file, damage in benchmarks.look(home, network).faults.items():
        yield Finding("kept files", "fault", str(damage), f"remove {file}, and then: kudos-node run --once")


def _greeting(home: Home) -> Finding:
    try:
        with connected(home) as coordinator:
            hello = coordinator.hello()
    except (NoConnection, RefusedByCoordinator) as error:
        return Finding("coordinator", "fault", str(error), "do what it says, or call the coordinator")
    apart = abs(datetime.now(UTC).timestamp() - hello.time_s)
    if apart > LARGEST_CLOCK_ERROR_S:
        says = f"its clock and this machine's are {apart / 60:.0f} minutes apart"
        return Finding("coordinator", "warning", says, "set this machine's clock by a time server")
    return Finding(
        "coordinator", "good", f"knows this node as {hello.name} ({hello.role}); Kudos {hello.version} there"
    )


def _witness(home: Home) -> Finding:
    try:
        with connected(home) as coordinator, Ledger.open(home.ledger_file) as ledger:
            NetworkWitness(home, coordinator).compare(ledger)
            contents = ledger.contents()
    except KudosError as error:
        return Finding("witness", "fault", str(error), "do what it says; nothing is booked or sent before")
    missing = len(contents.entries) - (contents.cosigned.size if contents.cosigned else 0)
    if missing:
        says = f"{missing} of {len(contents.entries)} entries of the ledger are not cosigned yet"
        return Finding("witness", "warning", says, "let the agent work: kudos-node run --once")
    return Finding("witness", "good", f"the coordinator has cosigned all {len(contents.entries)} entries of the ledger")
