"""How far the institution says it has come in working with its customers, over time and beside the cohort."""

from node.dashboard import names
from node.dashboard.charts.kinds import Bars, Chart, Heat, Lines, Point
from node.dashboard.figures import N_
from node.dashboard.language import Language
from node.dashboard.model import Block, Empty, Page, Table, Value
from node.dashboard.view import View
from privacy.sharing.assessment import DRIVERS, LEVELS
from privacy.sharing.distribution import FEWEST

DRIVER_NAMES = {
    "leadership": N_("Leadership and management"),
    "planning": N_("Planning and implementation"),
    "systems": N_("Systems and IT"),
    "analysis": N_("Analysis, measurement and evaluation"),
}

LEVEL_NAMES = {
    "starter": N_("Starter"),
    "beginner": N_("Beginner"),
    "native": N_("Native"),
    "business": N_("Business"),
    "champion": N_("Champion"),
}


def assessment(view: View) -> Page:
    """The page."""
    _ = view.language
    title = _("Self-assessment")
    lead = _("How far you have come in working with your customers: five levels on four drivers.")
    if view.viewer or view.told is None:
        empty = Empty(
            _("Each institution says its own level, on its own machine."),
            _("What is published of all is served to the members."),
        )
        return Page("self-assessment", title, lead, (Block("viewer", title, empty=empty),))
    return Page("self-assessment", title, lead, (_profile(view), _cohort(view), _form(view)))


def level_name(_: Language, level: int) -> str:
    """A level in words."""
    return _(LEVEL_NAMES[LEVELS[level - 1]])


def _profile(view: View) -> Block:
    _ = view.language
    title = _("Your profile over time")
    assert view.told is not None  # noqa: S101  asked before
    every = [each.assessment for each in view.told.assessments]
    if not every:
        return Block(
            "profile",
            title,
            empty=Empty(
                _("You have kept no level yet."), _("Do it together, a few of you from each department, below.")
            ),
        )
    labels = {driver: _(DRIVER_NAMES[driver]) for driver in DRIVERS}
    days = [_.moment(each.made) for each in every]
    # Two of a day are two points: told apart by their number.
    when = [f"{day} ({days[: at + 1].count(day)})" if days.count(day) > 1 else day for at, day in enumerate(days)]
    points = tuple(
        Point(day, labels[driver], each.levels[driver], level_name(_, each.levels[driver]))
        for driver in DRIVERS
        for day, each in zip(when, every, strict=True)
    )
    rows = tuple(
        (
            Value(day),
            *(
                Value(f"{each.assessment.levels[driver]} · {level_name(_, each.assessment.levels[driver])}")
                for driver in DRIVERS
            ),
            Value(each.note),
        )
        for day, each in reversed(list(zip(when, view.told.assessments, strict=True)))
    )
    last = every[-1]
    weakest = min(DRIVERS, key=lambda driver: last.levels[driver])
    said = _(
        "You are furthest behind in “{driver}”: {level}.",
        driver=labels[weakest],
        level=level_name(_, last.levels[weakest]),
    )
    if len(set(last.levels.values())) == 1:
        said = _("You are on the same level on all four: {level}.", level=level_name(_, last.levels[weakest]))
    steps = tuple(f"{number} · {level_name(_, number)}" for number in range(1, len(LEVELS) + 1))
    chart: Chart = Lines(title, "number", tuple(labels.values()), points, steps=steps)
    if len(every) == 1:  # a line of one point is none
        now = tuple(Point(point.series, view.you, point.value, point.text) for point in points)
        chart = Bars(title, "number", (view.you,), now, steps=steps)
    return Block("profile", title, said, chart, Table((_("Said"), *labels.values(), _("Note")), rows))


def _cohort(view: View) -> Block:
    _ = view.language
    title = _("Where the others say they are")
    assert view.told is not None  # noqa: S101  asked before
    shares = (
        _("This node works alone, so your levels go nowhere.")
        if view.told.alone
        else _("Your policy shares your newest levels with NPU; the next turn of the agent brings them there.")
        if view.told.shares
        else _("Your policy does not share your levels. To share them: kudos-node selfassess share on")
    )
    found = view.told.distribution
    wanted = view.against.cohort if view.against else "network"
    of = None if found is None else found.cohort(wanted) or found.cohort("network")
    if found is None or of is None:
        return Block(
            "others",
            title,
            notes=(shares,),
            empty=Empty(
                _("Nothing is published yet: at least {number} members must share theirs.", number=FEWEST),
                _("The more share, the sooner there is somebody to compare with."),
            ),
        )
    levels = tuple(_(LEVEL_NAMES[each]) for each in LEVELS)
    drivers = tuple(_(DRIVER_NAMES[driver]) for driver in DRIVERS)
    mine = view.told.assessments[-1].assessment.levels if view.told.assessments else {}
    cells, rows = [], []
    for driver, label in zip(DRIVERS, drivers, strict=True):
        row = [Value(label)]
        for level, (name, number) in enumerate(zip(levels, of.levels[driver], strict=True), 1):
            here = f"{number} •" if mine.get(driver) == level else str(number)
            cells.append((label, name, float(number), here))
            row.append(Value(here, number))
        rows.append(tuple(row))
    cohort = names.cohort(_, of.cohort)
    said = _(
        "{cohort}: {members} members share theirs, by {day}.",
        cohort=cohort,
        members=of.members,
        day=_.moment(found.made),
    )
    chart = Heat(title, "count", drivers, levels, tuple(cells))
    note = _(
        "It is told only where at least {number} share, and is renewed when so many have changed that nobody’s own can "
        "be worked out.",
        number=FEWEST,
    )
    return Block(
        "others",
        title,
        said,
        chart,
        Table(("", *levels), tuple(rows)),
        (shares, note) if not mine else (_("• is your own level."), shares, note),
    )


def _form(view: View) -> Block:
    _ = view.language
    said = _("Choose the level that fits you today. It stays on this machine, unless your policy shares it.")
    assert view.told is not None  # noqa: S101  asked before
    if view.told.assessments:
        made = view.told.assessments[-1].assessment.made
        kept = _("Kept: {moment}. To keep it again on the same day changes it.", moment=_.moment_of_day(made))
        said = f"{kept} {said}"
    return Block("assess", _("Assess yourselves"), said, part="assessment-form")
