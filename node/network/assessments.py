"""The self-assessment on its way: shared where the policy says so, taken back where it does not; and what is published.

The coordinator signs how many members are on which level. That it counts right nobody else can check; that it does not
go back to an older version, or change one, is held here.
"""

from collections.abc import Callable
from datetime import UTC

from node.home import Home, write_private
from node.membership.errors import CoordinatorContradicts, RefusedByCoordinator
from node.membership.settings import Files, Membership
from node.selfassess.file import kept
from node.wire.federation import Federation
from privacy.budget import policy_file
from privacy.ledger.fields import format_time
from privacy.sharing.assessment import make
from privacy.sharing.distribution import BadDistribution, Distribution, open_distribution
from privacy.sharing.insight import digest_of
from privacy.signing.keyfile import load_signing_key


def exchange(home: Home, coordinator: Federation, say: Callable[[str], None]) -> None:
    """Shares the newest self-assessment, or takes it back, as the policy says; and keeps what is published.

    Raises BadPolicy, FileDamaged, BadDistribution, CoordinatorContradicts.
    """
    network = coordinator.network
    answer = coordinator.sharing.assessments()
    every = kept(home)
    wanted = b""
    if every and policy_file.read(home.policy_file).self_assessment:
        wanted = make(every[-1].assessment, network.trust_domain, network.id, load_signing_key(home.signing_key_file))
    if not wanted and answer.own_digest:
        coordinator.sharing.withdraw_assessment()
        say("the self-assessment was withdrawn: your policy does not share it")
    elif wanted and answer.own_digest != digest_of(wanted) and _shared(coordinator, wanted, say):
        say("the self-assessment was shared, as your policy says")
    if answer.envelope:
        _keep(home, network, answer.envelope)


def _shared(coordinator: Federation, envelope: bytes, say: Callable[[str], None]) -> bool:
    try:
        coordinator.sharing.share_assessment(envelope)
    except RefusedByCoordinator as refused:
        if refused.coordinator_reason != "TOO_OFTEN":
            raise
        say(f"the self-assessment waits: {refused}")  # it goes another day
        return False
    return True


def distribution(home: Home, network: Membership) -> Distribution | None:
    """What is published, as it lies here; None where nothing is, or what lies here was damaged."""
    try:
        return open_distribution(Files(home).assessments.read_bytes(), network.verifier)
    except (OSError, BadDistribution):
        return None


def _keep(home: Home, network: Membership, envelope: bytes) -> None:
    said, before = open_distribution(envelope, network.verifier), distribution(home, network)
    if said.coordinator != network.trust_domain:
        raise BadDistribution("The coordinator sends the self-assessments of another network. Tell its operator.")
    file = Files(home).assessments
    if before is not None and file.read_bytes() != envelope and said.version <= before.version:
        raise CoordinatorContradicts(
            f"The coordinator publishes version {said.version} of the self-assessments after version {before.version} "
            f"of {format_time(before.made.astimezone(UTC))}. A version never changes: ask its operator."
        )
    write_private(file, envelope)


def shares(home: Home) -> bool:
    """Whether the policy shares it. Raises BadPolicy."""
    return policy_file.read(home.policy_file).self_assessment
