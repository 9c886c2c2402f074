"""kudos-node budget: what was spent of the customers' privacy, and what is left."""

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from node.cli import output
from privacy.budget.amounts import MICRO, delta_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from node.home import Home
    from node.network.next_round import NextRound
    from node.release.accounts import Accounts
    from node.release.listing import Listed
    from node.release.room import Room
    from privacy.budget.amounts import Epsilon
    from privacy.budget.policy import Policy
    from privacy.ledger.contents import Contents
    from privacy.studies.study import Study


@click.command()
@output.common
def command() -> None:
    """Show what the last twelve months cost, what your policy leaves, and the lifetime total."""
    from node.network.next_round import next_round
    from node.release.accounts import CUSTOMER_OF, accounts
    from node.release.listing import listed
    from node.release.room import room
    from privacy.budget import policy_file
    from privacy.ledger.counting import counted
    from privacy.ledger.store import Ledger
    from privacy.studies.price import price

    home = output.state.home
    home.settings()
    policy = policy_file.read(home.policy_file)
    ledger = Ledger.open(home.ledger_file)
    contents = ledger.contents()
    ledger.close()
    account = accounts(contents, policy)
    output.warn_of_old_copy(home, contents)
    now = datetime.now(UTC)
    spending = counted(contents, now)
    rooms = [(study, room(spending, policy, price(study).spend, now)) for study in _of_interest(home, policy)]
    waiting = next_round(home, contents, account, now)
    if output.state.as_json:
        more = {"room": [_room_json(study, each) for study, each in rooms]}
        more |= {"by_release": [_release_json(each) for each in listed(contents)]}
        output.emit(_json(account, CUSTOMER_OF) | more | {"next_round": _next_json(waiting)})
        return
    spent, cap = account.total_spent.micro / MICRO, account.total_cap.micro / MICRO
    output.say(f"Twelve months to today: ε {spent:.2f} of {cap:.2f} spent   {_bar(spent / cap if cap else 1.0)}")
    for study, each in rooms:
        output.say(f"  {study.name}: {_room(each)}")
    for line in _of_cross_use(contents, policy):
        output.say(f"  {line}")
    if waiting is not None:
        output.say(f"  {_next(waiting, account)}")
    output.say()
    _meaning(account)
    output.say()
    output.table(
        ["in detail", "spent>", "cap>", "left>"],
        [
            (
                "ρ (tables, quantiles, counts)",
                str(account.spent.rho),
                str(policy.cap.rho),
                str(account.remaining.rho),
            ),
            (
                "ε (sketches, and histograms of counts)",
                str(account.spent.epsilon),
                str(policy.cap.epsilon),
                str(account.remaining.epsilon),
            ),
        ],
    )
    _by_release(listed(contents), account)
    life = account.life
    ever = f"ε {output.epsilon(life.epsilon)} at δ {delta_text(life.delta)}" if life.years else "nothing yet"
    output.say(f"Ever: {ever}. It only grows: composition does not end.")
    output.say()
    output.say(
        "Each customer of yours is protected by this. Somebody who is a customer of several members that spend alike:"
    )
    output.table(
        [f"{members} member{'s' if members > 1 else ''}>" for members in CUSTOMER_OF],
        [[f"ε {output.epsilon(account.of_customer_of(members))}" for members in CUSTOMER_OF]],
    )


def _by_release(releases: "Sequence[Listed]", account: "Accounts") -> None:
    """Every release with its round and what it took of a year's budget."""
    if not releases:
        return
    cap = account.policy.cap.rho.micro
    output.say()
    output.table(
        ["entry>", "booked", "study", "for round", "months to", "ε>", "ρ>", "of a year's ρ>", "state"],
        [
            (
                str(each.entry.seq),
                f"{each.entry.time:%Y-%m-%d}",
                each.entry.study,
                each.entry.round or "–",
                str(each.entry.window.last),
                str(each.cost.epsilon),
                str(each.cost.rho),
                output.percent(each.cost.rho.micro / cap, 1) if cap and each.cost.rho.micro else "–",
                each.state,
            )
            for each in releases
        ],
    )
    output.say()


def _next(waiting: "NextRound", account: "Accounts") -> str:
    """What the next round that waits for this node would cost."""
    until = f"{waiting.deadline:%Y-%m-%d %H:%M} UTC"
    if waiting.paid:
        return f"Round {waiting.name} (until {until}) would cost nothing more: its release is paid for."
    said = f"Round {waiting.name} (until {until}) would take it to ε {output.epsilon(waiting.after)}"
    if waiting.fits:
        return f"{said} of {output.epsilon(account.total_cap)}. Look at it: kudos-node review {waiting.name}"
    return f"{said}, more than your policy allows."


def _of_interest(home: "Home", policy: "Policy") -> "list[Study]":
    """The studies of tables that the policy allows as they are known here; before any, those that are shipped."""
    from node.release import studies
    from privacy.studies.study import Study, shipped

    allowed = [studies.by_digest(home, entry.digest) for entry in policy.allowed]
    return [study for study in allowed if isinstance(study, Study)] or list(shipped().values())


def _of_cross_use(contents: "Contents", policy: "Policy") -> "Iterator[str]":
    """The sketches of this year and the last, or that there can be one."""
    from node.release.stored_cross_use import sketch_of

    year = datetime.now(UTC).year
    found = [each for each in (sketch_of(contents, str(year - 1)), sketch_of(contents, str(year))) if each is not None]
    for each in found:
        yield f"the sketch of {each.epoch}: ε {each.entry.cost.epsilon}, once for all cross-use of that year"
    if not found and policy.sketch_epsilon.micro:
        yield f"cross-use: no sketch yet; your policy lets one a year cost ε {policy.sketch_epsilon}"


def _room(each: "Room") -> str:
    """How many more releases fit, and when the next room comes free."""
    frees = "" if each.more_at is None else f"{each.more_at.day} {each.more_at:%b %Y}"
    if each.fits:
        said = f"{output.things(each.fits, 'more release')} {'fits' if each.fits == 1 else 'fit'} today"
        return said + (f"; room for another comes free after {frees}" if frees else " and for twelve months from now")
    if frees:
        return f"no more release fits today; room for one comes free after {frees}"
    return "no release fits, and waiting does not help: it costs more than your policy's caps allow"


def _meaning(account: "Accounts") -> None:
    """What ε is, for somebody who decides and does not compute.

    By the definition of differential privacy, e^ε bounds the factor by which the odds of any guess about one customer
    change (Dwork and Roth 2014, "The Algorithmic Foundations of Differential Privacy", section 2.3), but for δ.
    """
    amount, told = (account.total_spent, "was spent") if account.total_spent.micro else (account.total_cap, "you allow")
    chance = output.count(round(1 / account.policy.delta))
    output.prose(
        f"What ε {output.epsilon(amount)} means: whoever has all that you release, and knows everything else, can make "
        f"the odds of a guess about any one customer at most {_factor(amount)} times better, but for a chance of about "
        f"1 in {chance}. That is what {told}; ε 0 would tell nothing."
    )


def _factor(amount: "Epsilon") -> str:
    """e^ε, rounded up."""
    value = math.exp(min(amount.micro / MICRO, 20.0))
    if value > 1e6:
        return "over a million"
    return f"{math.ceil(10 * value) / 10:.1f}" if value < 10 else output.count(math.ceil(value))


def _bar(share: float) -> str:
    filled = min(20, round(20 * share))
    return "█" * filled + "░" * (20 - filled)


def _json(account: "Accounts", members: tuple[int, ...]) -> dict[str, object]:
    return {
        "spent": {"epsilon": str(account.spent.epsilon), "rho": str(account.spent.rho)},
        "cap": {"epsilon": str(account.policy.cap.epsilon), "rho": str(account.policy.cap.rho)},
        "remaining": {"epsilon": str(account.remaining.epsilon), "rho": str(account.remaining.rho)},
        "total_epsilon": {"spent": str(account.total_spent), "cap": str(account.total_cap)},
        "delta": f"{account.policy.delta.numerator}/{account.policy.delta.denominator}",
        "lifetime": {"total_epsilon": str(account.life.epsilon), "years": account.life.years},
        "customer_of": {str(count): str(account.of_customer_of(count)) for count in members},
    }


def _room_json(study: "Study", each: "Room") -> dict[str, object]:
    more = None if each.more_at is None else f"{each.more_at:%Y-%m-%dT%H:%M:%SZ}"
    return {"study": study.name, "digest": study.digest, "fits": each.fits, "more_at": more}


def _release_json(each: "Listed") -> dict[str, object]:
    return {
        "entry": each.entry.seq,
        "time": f"{each.entry.time:%Y-%m-%dT%H:%M:%SZ}",
        "study": each.entry.study,
        "round": each.entry.round,
        "window": str(each.entry.window),
        "epsilon": str(each.cost.epsilon),
        "rho": str(each.cost.rho),
        "state": each.state,
    }


def _next_json(waiting: "NextRound | None") -> dict[str, object] | None:
    if waiting is None:
        return None
    return {
        "round": waiting.name,
        "deadline": f"{waiting.deadline:%Y-%m-%dT%H:%M:%SZ}",
        "rho": str(waiting.cost.rho),
        "epsilon": str(waiting.cost.epsilon),
        "paid": waiting.paid,
        "fits": waiting.fits,
        "total_epsilon_after": str(waiting.after),
    }
