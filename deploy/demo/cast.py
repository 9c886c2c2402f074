"""The twelve institutions of the demo: six of each of two industries, six in each of two counties, three crossing.

So network, industries and counties have members enough to be published, and industry by county has not. The largest
has less than half of its industry and of its county: with much more, both would be withheld. Each has a size class,
which the round's study does not ask about; another may (docs/studies.md). None of them exists.
"""

from dataclasses import dataclass, replace
from datetime import date

from deploy.demo.institution import Institution
from deploy.demo.population import Market
from privacy.catalogue.institutions import slug

LAST = date(2026, 10, 31)
"""The last day of the invented sales, and of the window that the round asks for."""

_MONTHS = 36
_FEWEST, _FEWEST_IN_MARKET = 60, 20_000
_SMALL, _LARGE = 10_000, 25_000
"""Below the first a member is called small, from the second on large, however few customers the demo invents."""
_THEATRES, _MUSEUMS = ("performing-arts", 1.15), ("museum", 0.6)
_VESTLAND, _OSLO = "46", "03"


@dataclass(frozen=True)
class Part:
    """Who takes part, with which ticketing system, and how it answers the round.

    `answers` is `agent` (a long-living one, without a person), `person` (who approves) or `away` (at the deadline).
    """

    institution: Institution
    system: str
    answers: str = "agent"
    size_class: str = "medium"

    @property
    def id(self) -> str:
        """The member's id in the network, and the name of its folders."""
        return slug(self.institution.name)

    @property
    def cohorts(self) -> tuple[str, ...]:
        """The names of the cohorts that are published and have this member."""
        return "network", f"industry:{self.institution.industry}", f"county:{self.institution.county}"


def _part(name: str, kind: tuple[str, float], county: str, customers: int, system: str, answers: str = "agent") -> Part:
    industry, price_level = kind
    who = Institution(name, industry, county, customers, months=_MONTHS, last=LAST, price_level=price_level)
    size_class = "small" if customers < _SMALL else "medium" if customers < _LARGE else "large"
    return Part(who, system, answers, size_class)


_CAST = (
    _part("Fjordteatret", _THEATRES, _VESTLAND, 18_000, "tixly"),
    _part("Fjellsiden scene", _THEATRES, _VESTLAND, 12_000, "ticketco", "person"),
    _part("Havgap dans", _THEATRES, _VESTLAND, 5_000, "pretix", "away"),
    _part("Elvebyen teater", _THEATRES, _OSLO, 22_000, "ticketco"),
    _part("Lysgården scene", _THEATRES, _OSLO, 14_000, "tixly"),
    _part("Kompani Nordlys", _THEATRES, _OSLO, 8_000, "kudos"),
    _part("Sjøfartssamlingen", _MUSEUMS, _VESTLAND, 30_000, "pretix"),
    _part("Glassverket museum", _MUSEUMS, _VESTLAND, 18_000, "kudos", "person"),
    _part("Stølsmuseet", _MUSEUMS, _VESTLAND, 2_000, "tixly"),
    _part("Hverdagsmuseet", _MUSEUMS, _OSLO, 60_000, "kudos"),
    _part("Papirmuseet", _MUSEUMS, _OSLO, 36_000, "pretix"),
    _part("Urverksmuseet", _MUSEUMS, _OSLO, 26_000, "ticketco"),
)


def cast(scale: float) -> tuple[Part, ...]:
    """The twelve, each with `scale` times its customers, from a market of people that is as much smaller."""
    people = Market()
    market = replace(people, persons=max(_FEWEST_IN_MARKET, round(people.persons * min(1.0, scale))))
    return tuple(
        replace(
            part,
            institution=replace(
                part.institution,
                customers=max(_FEWEST, round(part.institution.customers * scale)),
                seed=number,
                market=market,
            ),
        )
        for number, part in enumerate(_CAST, 1)
    )
