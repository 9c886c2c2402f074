"""kudos-node policy: what the institution takes part in, and how much it may cost."""

from typing import TYPE_CHECKING

import click

from node.cli import output
from privacy.budget.amounts import delta_text

if TYPE_CHECKING:
    from privacy.budget.policy import Policy
    from privacy.studies.shelf import AnyStudy


@click.group()
@output.home_option
def command() -> None:
    """Show, check and change what may leave: your policy is a file of yours, and denies by default."""


@command.command()
@output.common
def show() -> None:
    """Show the policy that is in force."""
    policy, file = _read()
    if output.state.as_json:
        output.emit(_json(policy))
        return
    from privacy.budget.composition import total_epsilon

    output.say(f"{file}   ({policy.digest[:23]}…)")
    output.table(
        ["", "pure ε>", "ρ>", "total ε>"],
        [
            (
                f"{name}, at δ {delta_text(policy.delta)}",
                str(spend.epsilon),
                str(spend.rho),
                f"{output.epsilon(total_epsilon(spend, policy.delta))}",
            )
            for name, spend in (
                ("twelve months in a row may cost", policy.cap),
                ("a single release may cost", policy.largest_release),
            )
        ],
    )
    output.say(f"a yearly sketch for cross-use may cost ε {policy.sketch_epsilon}")
    output.say(f"named pairs: {'allowed' if policy.named_pairs else 'not allowed'}")
    output.say(f"a person approves what rounds ask for: {'yes' if policy.approval_required else 'no'}")
    output.say(f"your self-assessment is shared: {'yes' if policy.self_assessment else 'no'}")
    if not policy.allowed:
        output.say("No study is allowed: nothing leaves.   Look: kudos-node review benchmark")
    for entry in policy.allowed:
        tables = "all tables" if entry.tables is None else ", ".join(entry.tables)
        output.say(f"allowed: {entry.study} as {entry.digest[:23]}… · {tables}")


@command.command()
@output.common
def check() -> None:
    """Check the policy file, and whether the studies that it allows are the ones that are here.

    A study is `refused` that costs more than the file lets it, even with nothing spent.
    """
    from privacy.studies import shelf

    policy, file = _read()
    here = shelf.shipped()
    findings = []
    for entry in policy.allowed:
        known = here.get(entry.study)
        if known is None:
            findings.append((entry.study, "unknown", "no study of that name is here; a round may bring it"))
        elif known.digest != entry.digest:
            findings.append((entry.study, "changed", f"read it again, then: kudos-node policy allow {entry.study}"))
        else:
            why = _refusal(policy, known)
            findings.append((entry.study, "refused", why) if why else (entry.study, "ok", "as it stands here"))
    if output.state.as_json:
        output.emit(
            {
                "policy": _json(policy),
                "studies": [dict(zip(("study", "status", "note"), row, strict=True)) for row in findings],
            }
        )
        return
    output.say(f"{file} is a valid policy.")
    if findings:
        output.table(["study", "", ""], findings)
    else:
        output.say("It allows no study: nothing leaves.")


@command.command()
@click.argument("study")
@output.common
def allow(study: str) -> None:
    """Allow a study as it stands now: a shipped one, one in a file, or that of a round, by the round's name.

    If the study changes later, it is refused until you allow it again.

    The change is written into your policy file and becomes an entry of the ledger at the next release.
    """
    from node.cli.kinds import contents_of
    from node.home import write_private
    from node.membership.settings import joined
    from node.network.rounds import asked_by_round
    from privacy.budget import policy_file
    from privacy.studies.shelf import find

    home = output.state.home
    home.settings()
    asked = asked_by_round(home, study)
    found = asked.study if asked else find(study)
    _read()
    text = home.policy_file.read_text(encoding="utf-8")
    write_private(home.policy_file, policy_file.allow(text, found).encode())
    if output.state.as_json:
        output.emit({"study": found.name, "digest": found.digest})
        return
    output.say(f"Your policy now allows {found.name} ({found.digest[:23]}…), {contents_of(found)}.")
    output.say(f"Looked at it yet?   kudos-node review {study}")
    if asked:
        output.say(f"Then take part:     kudos-node approve {study}")
    elif joined(home):
        output.say("A round will ask for it: kudos-node rounds")
    else:
        output.say(f"Then release it:    kudos-node release {study} --to-file")


def _refusal(policy: "Policy", study: "AnyStudy") -> str | None:
    """Why a policy refuses a study that it allows, even with nothing spent; None where it does not."""
    from node.cli.kinds import refusal
    from privacy.budget.amounts import Spend
    from privacy.budget.policy import PolicyRefused, check_allowed
    from privacy.studies.cross_use import CrossUseStudy
    from privacy.studies.cross_use_price import sketch_spend
    from privacy.studies.price import price

    try:
        check_allowed(policy, study)
    except PolicyRefused as refused:
        return str(refused)
    if isinstance(study, CrossUseStudy):
        steps = [sketch_spend(study), Spend(study.histogram_epsilon, study.rho)]
    else:
        steps = [price(study).spend]
    why = refusal(policy, study, steps, Spend.nothing())
    return None if why is None else str(why)


def _read() -> "tuple[Policy, str]":
    from privacy.budget import policy_file

    home = output.state.home
    home.settings()
    return policy_file.read(home.policy_file), str(home.policy_file)


def _json(policy: "Policy") -> dict[str, object]:
    return {
        "digest": policy.digest,
        "cap": {
            "epsilon": str(policy.cap.epsilon),
            "rho": str(policy.cap.rho),
            "delta": f"{policy.delta.numerator}/{policy.delta.denominator}",
        },
        "largest_release": {
            "epsilon": str(policy.largest_release.epsilon),
            "rho": str(policy.largest_release.rho),
        },
        "sketch_epsilon": str(policy.sketch_epsilon),
        "named_pairs": policy.named_pairs,
        "approval_required": policy.approval_required,
        "self_assessment": policy.self_assessment,
        "allowed": [
            {
                "study": entry.study,
                "digest": entry.digest,
                "tables": "all" if entry.tables is None else list(entry.tables),
            }
            for entry in policy.allowed
        ],
    }
