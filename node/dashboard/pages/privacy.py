"""Privacy, in words that a board member understands: what was spent, what left, and where the ledger stands."""

import math

from node.dashboard.charts.kinds import Meter
from node.dashboard.language import NOTHING
from node.dashboard.model import Block, Empty, Page, Table, Value
from node.dashboard.refusals import Told, told
from node.dashboard.spending import Spending
from node.dashboard.view import View
from node.release.accounts import CUSTOMER_OF
from privacy.budget.amounts import MICRO, Epsilon, Rho


def privacy(view: View) -> Page:
    """The page."""
    _ = view.language
    title = _("Privacy")
    if view.viewer or view.spending is None:
        block = Block(
            "viewer",
            title,
            empty=Empty(
                _("A viewer has no customers, and so nothing of theirs to spend."),
                _("What every member has spent, and proof of it, is the auditor's work:"),
                "kudos-audit network …",
            ),
        )
        return Page("privacy", title, _("What protects the customers of everybody here."), (block, _promise(view)))
    spending = view.spending
    if spending.fault is not None or spending.account is None:
        said = Told("") if spending.fault is None else told(_, spending.fault)
        why = Empty(said.sentence, _("Until it is mended, nothing can be spent."), english=said.english)
        fault = Block("fault", title, empty=why)
        return Page("privacy", title, _("Something needs your attention."), (fault, _promise(view)))
    blocks = (
        _budget(view, spending),
        _meaning(view, spending),
        _left(view, spending),
        _ledger(view, spending),
        _promise(view),
    )
    return Page("privacy", title, _lead(view, spending), blocks)


def _lead(view: View, spending: Spending) -> str:
    _ = view.language
    number = sum(each.state != "booked" for each in spending.releases)
    if not number:
        return _("Nothing has left this machine.")
    if number == 1:
        return _("Something left this machine once, blurred by noise. No name, e-mail address or telephone number did.")
    return _(
        "Something left this machine {number} times, blurred by noise each time. No name, e-mail address or telephone "
        "number did.",
        number=number,
    )


def _amount(amount: Epsilon) -> float:
    return amount.micro / MICRO


def _amount_text(view: View, amount: Epsilon | Rho) -> str:
    """An exact amount, with every digit, in the language's way."""
    return str(amount).replace(".", "," if view.language.code == "nb" else ".")


def _part(view: View, amount: Epsilon | Rho) -> Value:
    """A part of a release's cost; one of the two is often none."""
    return Value(_amount_text(view, amount), amount.micro / MICRO) if amount.micro else Value(NOTHING)


def _budget(view: View, spending: Spending) -> Block:
    _ = view.language
    account = spending.account
    assert account is not None  # noqa: S101  asked before
    spent, cap = _amount(account.total_spent), _amount(account.total_cap)
    left = max(0.0, cap - spent)
    said = _(
        "Of what your institution allows in twelve months, {spent} is spent and {left} is left.",
        spent=_.percent(spent / cap if cap else 1.0),
        left=_.percent(left / cap if cap else 0.0),
    )
    parts = (
        (_("Spent"), spent, _("Spent: ε {amount}", amount=_.number(spent, 2))),
        (_("Left"), left, _("Left: ε {amount}", amount=_.number(left, 2))),
    )
    rows = (
        (Value(_("Spent in twelve months")), Value(_.number(spent, 2), spent)),
        (Value(_("Allowed in twelve months")), Value(_.number(cap, 2), cap)),
        *(
            (
                Value(_("For somebody who is a customer of {number} members that spend alike", number=members)),
                Value(_.number(_amount(account.of_customer_of(members)), 2), _amount(account.of_customer_of(members))),
            )
            for members in CUSTOMER_OF[1:]
        ),
    )
    title = _("The budget")
    chart = Meter(_("Spent and left of twelve months’ budget"), cap, parts)
    notes = [_("The unit is ε (epsilon), the measure of differential privacy; less is more private.")]
    if spending.next_round is not None:
        after = _.number(_amount(spending.next_round.after), 2)
        if spending.next_round.paid:
            notes.append(_("The next round, {name}, costs nothing more.", name=spending.next_round.name))
        else:
            notes.append(
                _("The next round, {name}, would take it to ε {amount}.", name=spending.next_round.name, amount=after)
            )
    return Block("budget", title, said, chart, Table(("", "ε"), rows), tuple(notes))


def _meaning(view: View, spending: Spending) -> Block:
    """By the definition of differential privacy, e^ε bounds how far the odds of a guess change (Dwork, Roth 2014)."""
    _ = view.language
    account = spending.account
    assert account is not None  # noqa: S101  asked before
    amount = account.total_spent if account.total_spent.micro else account.total_cap
    factor = math.ceil(10 * math.exp(min(_amount(amount), 20.0))) / 10
    more = _(
        "Each customer of yours is protected by this, whatever they bought. Your own figures on these pages are exact, "
        "and stay here."
    )
    if not account.total_spent.micro:
        said = _(
            "In twelve months nothing was spent, so nobody knows more about any customer of yours. If all that you "
            "allow were spent, the odds of a guess about one customer could become at most {factor} times better, but "
            "for a chance of about 1 in {chance}.",
            factor=_.number(factor, 1),
            chance=_.number(round(1 / account.policy.delta)),
        )
        return Block("meaning", _("What that means"), said, notes=(more,))
    said = _(
        "Suppose somebody knew everything else and saw all that left here in twelve months. Then the odds of a guess "
        "about one customer could become at most {factor} times better, but for a chance of about 1 in {chance}.",
        factor=_.number(factor, 1),
        chance=_.number(round(1 / account.policy.delta)),
    )
    return Block("meaning", _("What that means"), said, notes=(more,))


def _left(view: View, spending: Spending) -> Block:
    _ = view.language
    title = _("What left this machine")
    if not spending.releases:
        return Block(
            "left",
            title,
            empty=Empty(
                _("Nothing has left yet."),
                _("When NPU opens a round you see first what would leave, cell by cell, and decide:"),
                "kudos-node rounds",
            ),
        )
    state = {"booked": _("booked, not sent"), "witnessed": _("witnessed"), "lost": _("bytes lost")}
    rows = tuple(
        (
            Value(_.moment(each.entry.time)),
            Value(each.entry.study),
            Value(each.entry.round or "–"),
            Value(_.months(each.entry.window)),
            _part(view, each.cost.epsilon),
            _part(view, each.cost.rho),
            Value(state.get(each.state, each.state)),
        )
        for each in reversed(spending.releases)
    )
    heads = (_("Booked"), _("Study"), _("Round"), _("Months"), "ε", "ρ", _("State"))
    note = _("Each line was paid for and written down before it left. To read what left: kudos-node outbox")
    return Block("left", title, table=Table(heads, rows), notes=(note,))


def _ledger(view: View, spending: Spending) -> Block:
    _ = view.language
    title = _("The ledger")
    if spending.further is not None:
        said = _(
            "Entries in this ledger: {held}. Entries that were witnessed: {further}. It is an old copy. Nothing more "
            "can be spent until it is recovered: kudos-node ledger recover",
            held=spending.entries,
            further=spending.further,
        )
        return Block("ledger", title, said)
    entries = _("one entry") if spending.entries == 1 else _("{number} entries", number=_.number(spending.entries))
    said = _(
        "Every spending is an entry in a ledger that can only grow: {entries}, signed by your node. Strangers can "
        "verify it without trusting you or NPU.",
        entries=entries,
    )
    notes = []
    if spending.network is not None:
        notes.append(
            _("Witness: {name} confirms each entry before anything is sent.", name=spending.network.trust_domain)
        )
    else:
        notes.append(_("This node works alone: nobody witnesses its ledger yet."))
    notes += [
        _("Round {name} waits for your answer until {day}.", name=each.name, day=_.moment(each.deadline))
        for each in spending.rounds
        if each.status == "waiting"
    ]
    return Block("ledger", title, said, notes=tuple(notes))


def _promise(view: View) -> Block:
    _ = view.language
    rows = (
        (Value(_("Names, e-mail addresses, telephone numbers")), Value(_("never leave, and are not even stored"))),
        (Value(_("What a single customer bought")), Value(_("never leaves"))),
        (Value(_("Your exact figures")), Value(_("never leave: they are on these pages alone"))),
        (Value(_("Your figures, blurred by noise")), Value(_("go to NPU, once you have agreed"))),
        (
            Value(_("Who your customers are, for cross-use")),
            Value(
                _(
                    "a sketch once a year, once you have agreed: blurred bit by bit so that nobody can be sure of one "
                    "person, and sealed for the other members; NPU cannot read it"
                )
            ),
        ),
        (Value(_("Figures of a cohort")), Value(_("are published when enough institutions are in it"))),
    )
    return Block("promise", _("What leaves, and what never does"), table=Table((_("What"), _("Where it goes")), rows))
