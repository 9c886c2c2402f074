"""kudos-node budget: what was spent of the customers' privacy, and what is left."""

from typing import TYPE_CHECKING

import click

from node.cli import output

if TYPE_CHECKING:
    from node.release.accounts import Accounts


@click.command()
@output.common
def command() -> None:
    """Show what the last twelve months cost, what your policy leaves, and the lifetime total."""
    from node.release.accounts import CUSTOMER_OF, accounts
    from node.release.outbox import listed
    from privacy.budget import policy_file
    from privacy.ledger.store import Ledger

    home = output.state.home
    home.settings()
    policy = policy_file.read(home.policy_file)
    ledger = Ledger.open(home.ledger_file)
    contents = ledger.contents()
    ledger.close()
    account = accounts(contents, policy)
    if output.state.as_json:
        output.emit(_json(account, CUSTOMER_OF))
        return
    spent, cap = account.total_spent.micro / 1e6, account.total_cap.micro / 1e6
    output.say(f"Twelve months to today: ε {spent:.2f} of {cap:.2f} spent   {_bar(spent / cap if cap else 1.0)}")
    output.table(
        ["", "spent>", "cap>", "left>"],
        [
            (
                "ρ (tables and counts)",
                str(account.spent.rho),
                str(policy.cap.rho),
                str(account.remaining.rho),
            ),
            (
                "ε (sketches and histograms)",
                str(account.spent.epsilon),
                str(policy.cap.epsilon),
                str(account.remaining.epsilon),
            ),
        ],
    )
    for each in listed(contents):
        output.say(f"  entry {each.entry.seq}: {each.entry.study} {each.entry.window}, ρ {each.cost.rho}")
    life = account.life
    output.say(
        f"Ever: ε {output.epsilon(life.epsilon)} at δ {float(life.delta):g}. It only grows: composition does not end."
    )
    output.say()
    output.say(
        "Each customer of yours is protected by this. Somebody who is a customer of several members that spend alike:"
    )
    output.table(
        [f"{members} member{'s' if members > 1 else ''}>" for members in CUSTOMER_OF],
        [[f"ε {output.epsilon(account.of_customer_of(members))}" for members in CUSTOMER_OF]],
    )


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
