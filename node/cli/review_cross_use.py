"""What `kudos-node review` shows of cross-use: what leaves, who can read it, what it tells, and what it costs."""

import math
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from node.cli import output
from node.cli.kinds import counts_to_come, needs_leave, readers_lines, refusal, standing
from node.cli.output import count, epsilon, percent, things
from node.cli.twelve_months import days, title

if TYPE_CHECKING:
    from node.home import Home
    from node.network.rounds import Round
    from node.network.sharing import Reader
    from node.release.accounts import Accounts
    from node.release.cost import Cost
    from node.release.stored_cross_use import StoredSketch
    from node.store.frozen import Freeze
    from privacy.bounds.windows import Window
    from privacy.budget.amounts import Epsilon
    from privacy.rounds.announcement import Announcement
    from privacy.studies.cross_use import CrossUseStudy

PRIORS = (0.01, 0.1, 0.5)
"""Suspicions that somebody is a customer, for what a sketch makes of them."""

SIZES = (2_000, 20_000, 100_000)
"""Customers of another member, for how far an overlap is blurred."""


@dataclass(frozen=True)
class Shown:
    """What there is to decide on. `customers` are those that would be in the sketch, or are in it, by group.

    `made_for` are the months of the year's list where there is a sketch of it, else None. `wanted` is the round, and
    `stands` what became of it where nothing is to be decided any more; `refused` is why a yes would be refused, were
    the study allowed. `readers` are None where there is no round, or nobody could be asked whether they hold the
    identity key.
    """

    asked: str
    study: "CrossUseStudy"
    window: "Window"
    announced: "Announcement | None"
    customers: list[int]
    made_for: "Window | None"
    cost: "Cost"
    account: "Accounts"
    wanted: "Round | None"
    stands: str | None
    refused: str | None
    readers: "tuple[Reader, ...] | None"

    @property
    def sent(self) -> bool:
        """Whether nobody has to be told any more whom a sketch would be sealed for."""
        return self.wanted is not None and (self.stands is not None or self.wanted.sketched is not None)

    @property
    def peers(self) -> int:
        """Other members that may be in the market; 9 where there is no round, for the sake of a number."""
        return 9 if self.announced is None else max(1, len(self.announced.roster) - 1)


def show(
    home: "Home", asked: str, study: "CrossUseStudy", announced: "Announcement | None", as_of: date | None
) -> None:
    """Prints it, or gives it as JSON."""
    shown = _look(home, asked, study, announced, as_of)
    if output.state.as_json:
        output.emit(_json(shown))
        return
    output.say(title(home.settings().name, shown.window, f"as round {asked} asks" if announced else ""))
    output.say(f"  {study.title}")
    output.say(f"  study {study.name} ({study.digest[:23]}…)")
    output.say()
    _sketch(shown)
    _counts(shown)
    _cost(shown)
    _who(shown)
    _next(shown)


def posterior(prior: float, amount: "Epsilon") -> float:
    """The most that a suspicion can become for who reads a sketch of this ε: Bayes' rule with the odds times e^ε."""
    from privacy.budget.amounts import MICRO

    odds = prior / (1 - prior) * math.exp(amount.micro / MICRO)
    return odds / (1 + odds)


def blur(study: "CrossUseStudy", peers: int, own: int, other: int) -> float:
    """About the standard error of an overlap with a member, in customers, by the sizes of the two lists.

    Flips and counts of both directions by inverse variance, and collisions: docs/privacy.md has the expression.
    """
    from privacy.studies.cross_use_price import count_price

    p = float(study.flip_probability)
    per_bit, contrast = p * (1 - p) / (1 - 2 * p) ** 2, 1 - 2 * p
    noise = float(count_price(study, peers).sums.variance) / (4 * contrast**2)
    mine, theirs = per_bit * own + noise, per_bit * other + noise
    return math.sqrt(mine * theirs / (mine + theirs) + own * other / study.buckets)


def _look(
    home: "Home", asked: str, study: "CrossUseStudy", announced: "Announcement | None", as_of: date | None
) -> Shown:
    from node.membership.settings import membership
    from node.network import rounds
    from node.release.accounts import accounts
    from node.release.cost import cost_of
    from node.release.prepare import release_window
    from node.release.stored_cross_use import sketch_of
    from node.store.database import opened
    from node.store.frozen import countable_now, frozen, would_be_in
    from node.store.span import month_end_before, today
    from privacy.budget import policy_file
    from privacy.ledger.store import Ledger
    from privacy.sketch.buckets import epoch_of

    now = today(home.settings().timezone)
    window = announced.window if announced else release_window(as_of or month_end_before(now), now)
    with Ledger.open(home.ledger_file) as ledger:
        contents = ledger.contents()
    account = accounts(contents, policy_file.read(home.policy_file))
    cost = cost_of(study, window, contents)
    sketched = not cost.sketch.epsilon.micro
    with opened(home, say=output.complain) as connection:
        epoch = epoch_of(window)
        listed = frozen(connection, epoch) if sketched else None
        if listed is not None:
            _, groups = countable_now(connection, epoch, study.partition)
            customers = [int((groups == place).sum()) for place in range(len(study.groups))]
        else:
            customers = [int(each) for each in would_be_in(connection, window, study.partition)]
    wanted = rounds.find(home, membership(home), asked) if announced else None
    stands = standing(home, wanted, datetime.now(UTC)) if wanted else None
    shown = Shown(
        asked=asked,
        study=study,
        window=window,
        announced=announced,
        customers=customers,
        made_for=None if listed is None else listed.window,
        cost=cost,
        account=account,
        wanted=wanted,
        stands=stands,
        refused=_refused(study, sketch_of(contents, epoch), listed, cost, account),
        readers=None,
    )
    return replace(shown, readers=_readers(home, announced)) if announced and not shown.sent else shown


def _refused(
    study: "CrossUseStudy",
    sketch: "StoredSketch | None",
    listed: "Freeze | None",
    cost: "Cost",
    account: "Accounts",
) -> str | None:
    """Why `approve` is certain to be refused, in its own words and order; None where it is not, as far as is known."""
    from node.release.book_sketch import check_same
    from node.release.make_sketch import check_list
    from privacy.errors import KudosError

    refused = refusal(account.policy, study, (cost.sketch, cost.release), account.spent)
    if refused is not None:
        return str(refused)
    try:
        if sketch is not None:
            check_same(sketch, study)
            check_list(sketch, listed)
    except KudosError as error:
        return str(error)
    return None


def _readers(home: "Home", announced: "Announcement") -> "tuple[Reader, ...] | None":
    """Whom the sketch would be sealed for now; None where the coordinator cannot be asked, or there is no key yet."""
    from node.membership.settings import membership
    from node.network.directory import directory
    from node.network.sharing import readers
    from node.wire.federation import connected
    from privacy.errors import KudosError

    try:
        with connected(home) as coordinator:
            _, others = directory(home, coordinator)
        return readers(announced, membership(home).id, others, home.identity_chain())
    except KudosError:
        return None


def _sketch(shown: Shown) -> None:
    study, amount = shown.study, shown.study.response.cost()
    output.say("What leaves, once a year: a sketch of your customers")
    output.prose(
        f"  {count(study.buckets)} bits. Every customer falls into one of them by a secret shared by the members, and "
        f"sets it; then each bit is flipped with a probability of {percent(float(study.flip_probability), 1)}. It is "
        f"the output of a mechanism with ε {amount} for each customer. It is not anonymous: who has the secret and "
        "somebody's address can look up that person's bit. The coordinator gets it sealed, and cannot read it."
    )
    became = ", ".join(f"{percent(prior)} becomes at most {percent(posterior(prior, amount))}" for prior in PRIORS)
    output.prose(
        f"  What a member can make of it: a suspicion that somebody is your customer grows. {became}. Nobody can be "
        "sure. Each further year, and each further member that somebody is a customer of, adds again."
    )
    people = sum(shown.customers)
    if shown.made_for is not None:
        output.prose(f"  In it, and still your customers: {count(people)}. {_list(shown, shown.made_for)}")
    else:
        output.prose(
            f"  In it would be {things(people, 'customer')}: those with an e-mail or phone who bought in these months "
            "and do not object. Who objects later is in no count from then on, and in no sketch from the next year on."
        )
    output.say()


def _list(shown: Shown, made_for: "Window") -> str:
    if made_for == shown.window:
        return "The list is that of when it was made."
    return (
        f"The list of the year {shown.window.last.year} was made for {days(made_for)}: its customers are counted here "
        "too, and nobody is added for other months."
    )


def _counts(shown: Shown) -> None:
    study = shown.study
    output.say("What leaves once all sketches are there: counts")
    output.prose(
        f"  How many customers you have, and how many of them have each other member's bit set: of all, and by "
        f"{study.partition.name.replace('_', ' ')} ({len(study.groups)} groups); and how many members' bits your "
        "customers have set. All with noise, for the coordinator."
    )
    own = sum(shown.customers)
    errors = ", ".join(f"{count(size)}: ±{count(round(blur(study, shown.peers, own, size)))}" for size in SIZES)
    output.prose(
        f"  How far customers in common would be blurred, by the size of the other member (two times in three by less "
        f"than this): {errors}"
    )
    output.say()


def _cost(shown: Shown) -> None:
    cost, account = shown.cost, shown.account
    rows = [
        ("the sketch of the year, for all studies", str(cost.sketch.epsilon), str(cost.sketch.rho)),
        ("the counts of this study", str(cost.release.epsilon), str(cost.release.rho)),
    ]
    output.table(["costs now", "pure ε>", "ρ>"], rows)
    after = account.total_after(cost.spend)
    if cost.paid:
        output.say("  all of it is paid for already: again it costs nothing")
    else:
        output.say(
            f"  takes your total from ε {epsilon(account.total_spent)} to {epsilon(after)} of the "
            f"{epsilon(account.total_cap)} that you allow in twelve months; "
            f"{epsilon(account.total_cap.left_after(after))} remains"
        )
    named = "allows" if account.policy.named_pairs else "does not allow"
    output.prose(f"  Your policy {named} figures that name you and one other member as a pair (`sketch.named_pairs`).")
    output.say()


def _who(shown: Shown) -> None:
    if shown.announced is None or shown.sent:
        return
    if shown.readers is None:
        names = ", ".join(each.name for each in shown.announced.roster)
        output.prose(f"Who is asked: {names}")
        output.prose(
            "  Whom the sketch would be sealed for cannot be told now, for the coordinator cannot be asked. Before it "
            "is sealed, each must prove to hold the network's identity key."
        )
    else:
        output.say("Who would get the sketch, by the proof that each gives of holding the network's identity key:")
        for line in readers_lines(shown.readers):
            output.prose(f"  {line}")
    output.say()


def _next(shown: Shown) -> None:
    from node.network.rounds import SKETCHED

    now = datetime.now(UTC)
    if shown.stands is not None:
        output.prose(shown.stands)
        return
    if shown.refused is not None:
        output.prose(f"As it stands, a yes is refused. {shown.refused}")
    elif needs_leave(shown.account.policy, shown.study):
        output.say(f"If you agree:       kudos-node policy allow {shown.asked}")
    if shown.wanted is None:
        if shown.refused is None:
            output.say("A round will ask for it: kudos-node rounds")
        return
    if shown.refused is None and shown.wanted.status(now) == SKETCHED:
        output.prose(f"It has your sketch. {counts_to_come(shown.wanted, now)}")
    elif shown.refused is None:
        until = shown.wanted.announcement.deadline if shown.wanted.sketched else shown.wanted.answer_by
        steps = "with the counts" if shown.wanted.sketched else "for both steps"
        output.say(f"Take part:          kudos-node approve {shown.asked}   until {until:%Y-%m-%d %H:%M} UTC, {steps}")
    if shown.wanted.decision != "declined":
        output.say(f"Or say no:          kudos-node decline {shown.asked}")


def _json(shown: Shown) -> dict[str, object]:
    study, account, cost = shown.study, shown.account, shown.cost
    own = sum(shown.customers)
    return {
        "study": study.name,
        "digest": study.digest,
        "window": {"first": shown.window.first.isoformat(), "last": shown.window.last.isoformat()},
        "sketch": {
            "buckets": study.buckets,
            "flips": study.response.flips,
            "flip_bits": study.response.bits,
            "epsilon": str(study.response.cost()),
            "paid": not cost.sketch.epsilon.micro,
            "posterior": {str(prior): round(posterior(prior, study.response.cost()), 4) for prior in PRIORS},
        },
        "customers": {
            "frozen": shown.made_for is not None,
            "all": own,
            study.partition.name: dict(zip(study.groups, shown.customers, strict=True)),
        },
        "blurred": {str(size): round(blur(study, shown.peers, own, size), 1) for size in SIZES},
        "cost": {
            "epsilon": str(cost.spend.epsilon),
            "rho": str(cost.spend.rho),
            "sketch_epsilon": str(cost.sketch.epsilon),
            "counts_epsilon": str(cost.release.epsilon),
            "counts_rho": str(cost.release.rho),
        },
        "total_epsilon": {
            "spent": str(account.total_spent),
            "after": str(account.total_after(cost.spend)),
            "cap": str(account.total_cap),
        },
        "named_pairs": account.policy.named_pairs,
        "refused": shown.refused,
        "sealed_for": None
        if shown.readers is None
        else [{"member": each.seat.member, "name": each.seat.name, "why_not": each.why_not} for each in shown.readers],
    }
