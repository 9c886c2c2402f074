"""Local events: what the institution did and when, and what that did beside a cohort in the same months."""

from node.dashboard import names
from node.dashboard.charts.kinds import Lines, Point, Unit
from node.dashboard.figures import N_, with_margin, written
from node.dashboard.happened import MEASURES, Happened
from node.dashboard.language import Language
from node.dashboard.model import Block, Empty, Page, Table, Value
from node.dashboard.view import View
from node.effects.doubts import Doubt
from node.effects.effect import Effect, Left, Side
from node.events.event import Event

KINDS = {
    "campaign": N_("campaign"),
    "price-change": N_("change of prices"),
    "premiere": N_("premiere"),
    "other": N_("something else"),
}

_LEFT = {
    Left.NOTHING_SOLD: N_("you sold nothing"),
    Left.OTHERS_TOO_SMALL: N_("without you too little is left of the cohort"),
    "NOT_THERE": N_("not published"),
    "UNRELIABLE": N_("the cohort’s figure is mostly noise"),
}

_DOUBTS = {
    Doubt.FEW_BEFORE: N_("There are so few periods before it that there is hardly any telling what is usual."),
    Doubt.LEFT_OUT: N_("Some periods are left out; the table says which and why."),
    Doubt.TREND: N_("You and the cohort were drifting apart before it already: a part of this is that."),
    Doubt.CORRELATED: N_("One period goes on as the one before, so that the interval is too short."),
    Doubt.SEASON: N_(
        "Your season may differ from the cohort’s, and no benchmark of the year before is there to take it off."
    ),
    Doubt.LARGE_PART: N_("You are a large part of the cohort; your part is taken off, and little else is left."),
    Doubt.MEMBERS_CHANGED: N_("The figures are of several rounds, and not the same institutions are in all."),
    Doubt.PARTLY: N_("It began or ended within a period, so that a part of what it did is not seen."),
    Doubt.OVERLAP: N_("Another event of yours was in the same months: the two cannot be told apart."),
}


def happened(view: View) -> Page:
    """The page."""
    _ = view.language
    title = _("Effect of local events")
    lead = _("What a campaign, new prices or a premiere did, beside others in the same months.")
    if view.viewer or view.happened is None:
        empty = Empty(
            _("Events are each institution’s own, and never leave it."), _("A viewer sees the benchmarks alone.")
        )
        return Page("events", title, lead, (Block("viewer", title, empty=empty),))
    found = view.happened
    return Page("events", title, lead, (*_effect(view, found), _list(view, found), _form(view)))


def days(_: Language, event: Event) -> str:
    """When it was."""
    if event.until is None:
        return _("from {day}", day=_.day(event.on))
    return f"{_.day(event.on)} – {_.day(event.until)}"


def _list(view: View, found: Happened) -> Block:
    _ = view.language
    title = _("Your events")
    if not found.events:
        return Block(
            "list",
            title,
            empty=Empty(
                _("You have registered no event yet."),
                _("Write down what you did and when, here below or in a terminal:"),
                'kudos-node event add "…" --on 2025-03-01',
            ),
        )
    return Block("list", title, part="events")


def _form(view: View) -> Block:
    _ = view.language
    said = _("The list stays on this machine. No release and no text to others has anything of it.")
    return Block("add", _("Register an event"), said, part="event-form")


def _effect(view: View, found: Happened) -> list[Block]:
    _ = view.language
    if found.chosen is None:
        return []
    title = found.chosen.name
    if found.effect is None:
        return [Block("effect", title, empty=_why_not(view, found), part="event-measure")]
    return [_shown(view, found, found.effect)]


def _why_not(view: View, found: Happened) -> Empty:
    _ = view.language
    if found.alone:
        return Empty(
            _("This node works alone, so there is nobody to compare with."),
            _("Ask NPU for an invitation, and join the network with it:"),
            "kudos-node join …",
        )
    return Empty(
        _("What it did cannot be told yet."),
        _(
            "It takes published figures of at least two months or quarters before it and one from then on, and sales "
            "of your own in them. Rounds that hold those months bring it; another cohort or figure may have it now."
        ),
        english=found.fault,
    )


def _shown(view: View, found: Happened, effect: Effect) -> Block:
    _ = view.language
    value, low, high = (_percent(_, each) for each in effect.estimate.percent)
    values = {"effect": value, "low": low, "high": high, "figure": _(MEASURES[found.measure]).lower()}
    if effect.estimate.within_noise:
        said = _(
            "Within noise: it may have done nothing to your {figure}. Between {low} and {high}, most likely {effect}.",
            **values,
        )
    else:
        said = _("Your {figure} changed by {effect} beside the others: between {low} and {high}.", **values)
    notes = [_("What makes it doubtful:"), *(f"– {_(_DOUBTS[each])}" for each in found.doubts)] if found.doubts else []
    notes.append(
        _(
            "Beside {cohort}, without you. Your change from before to after it, less theirs.",
            cohort=_cohort(view, effect),
        )
    )
    if effect.estimate.season:
        notes.append(_("The same months a year before are taken off, and with them your season."))
    return Block(
        "effect",
        effect.asked.event.name,
        said,
        _chart(view, effect),
        _table(view, effect),
        tuple(notes),
        part="event-measure",
    )


def _cohort(view: View, effect: Effect) -> str:
    name = names.cohort(view.language, effect.asked.cohort)
    return name[:1].lower() + name[1:]


def _percent(_: Language, value: float) -> str:
    shown = _.percent(abs(value) / 100, 1)
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{shown}"


def _chart(view: View, effect: Effect) -> Lines:
    """Both sides as a share of their own mean before the event."""
    _ = view.language
    before = [side.pair for side in effect.before if side.pair is not None]
    own = sum(pair.own for pair in before) / len(before)
    others = sum(pair.cohort for pair in before) / len(before)
    the_others = _("The others")
    points = []
    for side in effect.sides:
        if side.pair is not None:
            label, share = side.named.label, side.pair.own / own
            points.append(Point(label, view.you, share, _.percent(share)))
    for side in effect.sides:
        if side.pair is not None:
            share, error = side.pair.cohort / others, 1.96 * side.pair.error / others
            text = with_margin(_, share, error, "share")
            points.append(Point(side.named.label, the_others, share, text, share - error, share + error))
    name = _("Before and after: {event}, as a share of the time before", event=effect.asked.event.name)
    return Lines(
        name,
        "share",
        (view.you, the_others),
        tuple(points),
        categories=tuple(side.named.label for side in effect.sides),
    )


def _table(view: View, effect: Effect) -> Table:
    _ = view.language
    heads = (_("Months"), "", view.you, _("The others"), _("Note"))
    rows = [
        *(_row(view, effect, side, _("before")) for side in effect.before),
        *(_row(view, effect, side, _("after")) for side in effect.after),
    ]
    return Table(heads, tuple(rows))


def _row(view: View, effect: Effect, side: Side, when: str) -> tuple[Value, ...]:
    _ = view.language
    unit: Unit = "kr" if effect.asked.measure == "revenue_ore" else "count"
    if side.pair is None:
        reason = str(side.reason)
        why = _(_LEFT[reason]) if reason in _LEFT else names.reason(_, reason)
        return Value(side.named.label), Value(when), Value(""), Value(""), Value(_("left out: {why}", why=why))
    return (
        Value(side.named.label),
        Value(when),
        Value(written(_, side.pair.own, unit), side.pair.own),
        Value(with_margin(_, side.pair.cohort, 1.96 * side.pair.error, unit), side.pair.cohort),
        Value(""),
    )
