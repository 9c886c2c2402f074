"""Whether the policy allows what a round asks for, and what to do where it does not."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from node.home import Home
    from node.membership.settings import Membership
    from privacy.budget.policy import PolicyRefused
    from privacy.studies.shelf import AnyStudy


def for_round(refused: "PolicyRefused", study: "AnyStudy", round_name: str) -> "PolicyRefused":
    """The refusal of a study, said of the round that asks for it: a round may bring a study that is not here."""
    from privacy.budget.policy import PolicyRefused

    said = str(refused)
    for command in ("review", "policy allow"):
        said = said.replace(f"kudos-node {command} {study.name}", f"kudos-node {command} {round_name}")
    return PolicyRefused(f"Round {round_name} is not answered, and nothing was spent. {said}", refused.line)


def with_leave(home: "Home", network: "Membership", waiting: list[str]) -> list[str]:
    """What waits for a person, and where that is a round that the policy does not allow, how to allow it."""
    from node.cli.kinds import needs_leave
    from node.network import rounds
    from privacy.budget import policy_file

    if not waiting:
        return waiting
    policy = policy_file.read(home.policy_file)
    denied = [each.name for each in rounds.listed(home, network) if needs_leave(policy, each.announcement.study)]
    return [_with_leave(line, denied) for line in waiting]


def _with_leave(line: str, denied: list[str]) -> str:
    name = next((name for name in denied if line.startswith(f"round {name} waits")), None)
    if name is None:
        return line
    before, then, after = line.partition("\n      then: ")
    return f"{before}\n      allow it:   kudos-node policy allow {name}{then}{after}"
