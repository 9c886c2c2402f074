"""Pages as HTML. Every text in a template is escaped: a member's name, a genre or a message cannot change a page."""

from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import URL

from node.dashboard import names
from node.dashboard.access import Door
from node.dashboard.asked import AUDIENCES, DAYS, OWN_MONTHS, Asked
from node.dashboard.charts.kinds import Chart, Heat, Tiles
from node.dashboard.charts.specs import spec_of
from node.dashboard.charts.theme import theme
from node.dashboard.figures import KEY_FIGURES, N_, SUMS
from node.dashboard.happened import MEASURES
from node.dashboard.language import CODES, NAMES, Language
from node.dashboard.model import Page
from node.dashboard.pages.assessment import DRIVER_NAMES, LEVEL_NAMES
from node.dashboard.pages.events import KINDS, days
from node.dashboard.pages.index import PAGES
from node.dashboard.pages.overview import tiles
from node.dashboard.pages.parts import MARKS
from node.dashboard.refusals import told
from node.dashboard.view import View
from node.kpis.forecast import FACTORS
from privacy.errors import KudosError


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates of this package."""
    found = Environment(
        loader=PackageLoader("node.dashboard", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["spec"] = spec_of
    found.filters["kind"] = _kind
    found.globals["MARKS"] = MARKS
    return found


def _kind(chart: Chart) -> str:
    """How wide a chart is at most: boxes are not to become bands."""
    if isinstance(chart, Tiles) or (isinstance(chart, Heat) and len(chart.columns) <= _FEW):
        return "narrow"
    return ""


_FEW = 4


def page_html(view: View, page: Page, wanted: Asked, door: Door) -> str:
    """A page."""
    here = link("overview" if page.key == "overview" else page.key, wanted.query | _sliders(wanted))
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            _=view.language,
            view=view,
            page=page,
            asked=wanted,
            form=door.form,
            here=here,
            menu=[(key, view.language(entry.label), link(key, wanted.query)) for key, entry in PAGES.items()],
            languages=[(code, NAMES[code]) for code in CODES],
            months=_months(view, wanted),
            cohorts=_cohorts(view),
            audiences=_audiences(view) if page.key == "overview" else [],
            tiles=tiles(view) if page.key == "overview" and (view.own or view.against) else (),
            choices=[(key, view.language(each.label)) for key, each in KEY_FIGURES.items()],
            sliders=[(name, view.language(_SLIDERS[name]), view.factors.get(name, 100)) for name in FACTORS],
            link=lambda kind, block, form: str(
                URL(f"/{kind}/{page.key}/{block}.{form}").include_query_params(**wanted.query, **_sliders(wanted))
            ),
            **_fields(view, wanted),
            themes={"light": theme("light"), "dark": theme("dark")},
        )
    )


def _fields(view: View, wanted: Asked) -> dict[str, Any]:
    """What the forms of single pages are made with."""
    _ = view.language
    own = view.told.assessments if view.told else ()
    return {
        "days": (view.window.first.isoformat(), view.window.last.isoformat()) if view.window else ("", ""),
        "event_link": lambda event: link("events", {**wanted.query, "event": event.name}),
        "event_days": lambda event: days(_, event),
        "kind_name": lambda event: _(KINDS[event.kind]),
        "event_kinds": [(key, _(label)) for key, label in KINDS.items()],
        "event_measures": [(key, _(label)) for key, label in MEASURES.items()],
        "cohort_name": lambda name: names.cohort(_, name),
        "state_name": lambda state: _(_STATES[state]),
        "drivers": [(key, _(label)) for key, label in DRIVER_NAMES.items()],
        "levels": [(key, _(label)) for key, label in LEVEL_NAMES.items()],
        "own_levels": own[-1].assessment.levels if own else {},
    }


_STATES = {
    "waiting": N_("On its way: it leaves with the next turn of the agent."),
    "withdrawing": N_("Being withdrawn: with the next turn of the agent."),
    "hidden": N_("Hidden by NPU: nobody else is shown it."),
    "withdrawn": N_("Withdrawn."),
}


def error_page(_: Language, error: KudosError, door: Door, *, wrong: bool = False) -> str:
    """What went wrong, as the part that refuses says it."""
    said = told(_, error)
    return environment().get_template("error.html.j2").render(_=_, said=said, form=door.form, wrong=wrong)


def link(key: str, query: dict[str, str]) -> str:
    """The address of a page with the filters."""
    return str(URL("/" if key == "overview" else f"/{key}").include_query_params(**query))


def _sliders(wanted: Asked) -> dict[str, str]:
    return {name: str(value) for name, value in (wanted.factors or {}).items() if value != 100}


_SLIDERS = {
    "frequency": N_("Orders per customer"),
    "average_purchase": N_("Average purchase"),
    "recruitment": N_("New customers"),
    "retention": N_("Customers who stay"),
    "recovery": N_("Customers who come back"),
}

Option = tuple[str, str, bool, bool]
"""Value, text, whether it is chosen, whether it can be."""


def _months(view: View, wanted: Asked) -> list[Option]:
    """The rounds by their months, and the newest own months where these are others."""
    _ = view.language
    chosen = view.against.published.name if view.against else OWN_MONTHS
    chosen = DAYS if wanted.days() is not None and not view.viewer else chosen
    found: list[Option] = []
    windows = [each.benchmark.window for each in view.sector.tables]
    for each in view.sector.tables:
        text = _.months(each.benchmark.window)
        if windows.count(each.benchmark.window) > 1:
            text = _("{months} · round {name}", months=text, name=each.name)
        found.append((each.name, text, each.name == chosen, True))
    if not view.viewer:
        text = _("Your newest twelve months, alone")
        found.append((OWN_MONTHS, text, chosen == OWN_MONTHS, True))
        found.append((DAYS, _("Other days, your own figures alone"), chosen == DAYS, True))
    return found


def _cohorts(view: View) -> list[tuple[str, list[Option]]]:
    """The cohorts by whether the reader is in them; those withheld are there to be seen, not to be chosen."""
    _ = view.language
    if view.against is None:
        return []
    mine = view.against.published.mine
    groups: dict[str, list[Option]] = {}
    for line in view.against.published.cohorts:
        group = _("Yours") if line.cohort in mine else _("Others") if mine else _("Cohorts")
        shown = line.status == "published"
        text = _("{cohort} ({members} members)", cohort=names.cohort(_, line.cohort), members=line.members)
        text = text if shown else _("{cohort}: withheld", cohort=names.cohort(_, line.cohort))
        groups.setdefault(group, []).append((line.cohort, text, line.cohort == view.against.cohort, True))
    return sorted(groups.items(), key=lambda pair: pair[0] != _("Yours"))


def _audiences(view: View) -> list[tuple[str, list[Option]]]:
    """Everybody, and the groups by which the figures can be narrowed, as far as either side has them."""
    _ = view.language
    chosen = "/".join(view.who) if view.who else ""
    found: list[tuple[str, list[Option]]] = []
    for table in AUDIENCES:
        options = [
            (f"{table}/{category}", names.category(_, table, category), f"{table}/{category}" == chosen, True)
            for category in view.categories(table)
            if _has(view, table, category)
        ]
        if options:
            found.append((names.table(_, table), options))
    return found


def _has(view: View, table: str, category: str) -> bool:
    row: Any = view.own_row(table, category)
    own = row is not None and any(row[name] for name in ("customers", "orders", "tickets"))
    # Of a genre no customers are told.
    return own or (view.against is not None and any(view.against.cell(table, category, each) for each in SUMS))
