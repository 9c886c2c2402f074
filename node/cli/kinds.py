"""What commands say of a study or a round, whichever kind of study it is."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from node.cli.output import things

if TYPE_CHECKING:
    from datetime import datetime

    from node.home import Home
    from node.network.rounds import Round
    from node.network.sharing import Reader
    from privacy.budget.amounts import Spend
    from privacy.budget.policy import Policy
    from privacy.errors import Refused
    from privacy.studies.shelf import AnyStudy


def contents_of(study: "AnyStudy") -> str:
    """What a study asks for, in a few words."""
    from privacy.studies.cross_use import CrossUseStudy

    if isinstance(study, CrossUseStudy):
        return f"a sketch a year and counts by {study.partition.name.replace('_', ' ')}"
    said = [things(len(study.tables), "table")] if study.tables else []
    said += [things(len(study.quantiles), "quantile")] if study.quantiles else []
    return " and ".join(said)


def figures_of(study: "AnyStudy") -> int:
    """How many figures a release of tables has; of a count that depends on the market, and is 0 here."""
    from privacy.studies.study import Study

    return study.figures if isinstance(study, Study) else 0


def readers_lines(readers: Iterable["Reader"]) -> list[str]:
    """Whom a sketch is sealed for, by name, and for whom not."""
    readers = list(readers)
    sealed = [each.seat.name for each in readers if each.why_not is None]
    lines = [f"sealed for {', '.join(sealed)}" if sealed else "sealed for nobody but this node"]
    lines += [
        f"not for {each.seat.name} ({each.seat.member}): {each.why_not}" for each in readers if each.why_not is not None
    ]
    return lines


def needs_leave(policy: "Policy", study: "AnyStudy") -> bool:
    """Whether what a policy lacks is the study as it stands: then `policy allow` helps, and otherwise it does not."""
    from privacy.budget.policy import PolicyRefused, check_allowed

    try:
        check_allowed(policy, study)
    except PolicyRefused as refused:
        return refused.line.partition(".")[0] == "allow"
    return False


def refusal(policy: "Policy", study: "AnyStudy", steps: "Iterable[Spend]", spent: "Spend") -> "Refused | None":
    """Why a policy would refuse what a study books, step by step after what was `spent`, were the study allowed.

    None where it would refuse nothing. A step of nothing is paid for, and held against no cap.
    """
    from dataclasses import replace

    from privacy.budget.amounts import Spend
    from privacy.budget.policy import Allowance, check, check_allowed
    from privacy.errors import Refused

    allowing = replace(policy, allowed=(Allowance(study.name, study.digest, None),))
    try:
        check_allowed(allowing, study)
        for step in steps:
            if step != Spend.nothing():
                check(allowing, study, step, spent)
            spent += step
    except Refused as refused:
        return refused
    return None


def counts_to_come(wanted: "Round", now: "datetime") -> str:
    """When the counts follow of a round of cross-use that has this node's sketch."""
    after = "" if wanted.sketches_over(now) else f"after {wanted.answer_by:%Y-%m-%d %H:%M} UTC, and "
    return (
        f"The counts follow {after}before {wanted.announcement.deadline:%Y-%m-%d %H:%M} UTC, where the agent works "
        "then: kudos-node run"
    )


def standing(home: "Home", wanted: "Round", now: "datetime") -> str | None:
    """What became of a round of cross-use where no yes and no no makes a difference; None while one does."""
    from node.network.told import ABORTED

    announced, told = wanted.announcement, wanted.told
    if announced.sketch_deadline is None:
        return None
    if told is not None and told.state == ABORTED:
        return f"Round {wanted.name} was {told.ended(announced.coordinator)}"
    ended = wanted.over(now) or (told is not None and not told.live)
    if not (ended or wanted.sent or (wanted.sketches_over(now) and not wanted.sketched)):
        return None
    return f"Round {wanted.name}: {_done(wanted)}; {_since(home, wanted, ended=ended)}"


def _done(wanted: "Round") -> str:
    if wanted.sent:
        return "sent and counted"
    declined = wanted.decision == "declined"
    if wanted.sketched:
        return f"your sketch was sent, {'then you declined' if declined else 'and no counts were'}"
    return "declined" if declined else "nothing was sent"


def _since(home: "Home", wanted: "Round", *, ended: bool) -> str:
    """What became of it since, by the coordinator's last word or by what is here."""
    from node.membership.settings import Files

    here = any(Files(home).benchmarks.glob(f"{wanted.name}.*.kudos"))
    if here or (wanted.told is not None and wanted.told.state == "published"):
        return f"published: see kudos-node cross-use {wanted.name}"
    if ended:
        return "it takes nothing any more, and was not published when the coordinator was last asked: kudos-node run"
    if wanted.sent:
        return "nothing more is asked of you"
    return f"it took sketches until {wanted.answer_by:%Y-%m-%d %H:%M} UTC, and asks for nothing any more"
