"""What people call tables, categories, cohorts and reasons, in either language."""

from typing import Final

from node.dashboard.figures import N_
from node.dashboard.language import Language
from privacy.catalogue.institutions import COUNTIES

TABLES: Final = {
    "age_band": N_("Age"),
    "gender": N_("Gender"),
    "county": N_("County"),
    "segment": N_("Culture segment"),
    "genre": N_("Genre"),
    "frequency_band": N_("Orders in twelve months"),
    "flow": N_("Flow"),
    "ticket_type": N_("Ticket type"),
    "price_band": N_("Price of a ticket"),
    "channel": N_("Channel"),
    "month": N_("Month"),
    "order_weekday": N_("Day of the order"),
    "weekday": N_("Day of the performance"),
    "daypart": N_("Time of the performance"),
    "lead_time": N_("Days before the performance"),
    "basket_size": N_("Tickets in an order"),
    "value_band": N_("Value"),
    "tier": N_("Value tier"),
    "value_tier": N_("Value tier"),
    "migration": N_("Migration between tiers"),
    "identity": N_("Known customers"),
}

_CATEGORIES: Final = {
    "unknown": N_("unknown"),
    "female": N_("women"),
    "male": N_("men"),
    "other": N_("other"),
    "new": N_("new"),
    "continuing": N_("stayed"),
    "recovered": N_("came back"),
    "lost": N_("lost"),
    "ordinary": N_("ordinary"),
    "child": N_("child"),
    "youth": N_("youth"),
    "student": N_("student"),
    "senior": N_("senior"),
    "group": N_("group"),
    "school": N_("school"),
    "subscription": N_("subscription"),
    "member": N_("member"),
    "discount": N_("discount"),
    "complimentary": N_("complimentary"),
    "web": N_("web"),
    "box_office": N_("box office"),
    "phone": N_("telephone"),
    "app": N_("app"),
    "partner": N_("partner"),
    "essence": N_("Essence"),
    "expression": N_("Expression"),
    "affirmation": N_("Affirmation"),
    "enrichment": N_("Enrichment"),
    "release": N_("Release"),
    "perspective": N_("Perspective"),
    "stimulation": N_("Stimulation"),
    "entertainment": N_("Entertainment"),
    "svalbard": N_("Svalbard"),
    "abroad": N_("abroad"),
    "morning": N_("morning"),
    "afternoon": N_("afternoon"),
    "evening": N_("evening"),
    "night": N_("night"),
    "same-day": N_("same day"),
    "free": N_("free"),
    "no-ticket": N_("no ticket"),
    "super": N_("super (best 5 %)"),
    "top": N_("top (next 15 %)"),
    "middle": N_("middle (next 50 %)"),
    "bottom": N_("bottom (last 30 %)"),
    "identified": N_("known"),
    "anonymous": N_("unknown"),
    "all": N_("all"),
}

GENRES: Final = {
    "theatre": N_("Theatre"),
    "musical": N_("Musical"),
    "opera": N_("Opera"),
    "dance": N_("Dance"),
    "classical": N_("Classical music"),
    "popular-music": N_("Popular music"),
    "jazz-folk": N_("Jazz and folk music"),
    "comedy": N_("Comedy"),
    "family": N_("For families"),
    "film": N_("Film"),
    "exhibition": N_("Exhibition"),
    "festival": N_("Festival"),
    "other": N_("Other genres"),
}
"""The harmonised ones, of releases and benchmarks."""

_UNITS: Final = {
    "lead_time": N_("{category} days"),
    "price_band": N_("{category} kr"),
    "value_band": N_("{category} kr"),
}
"""What stands after a band of numbers."""

INDUSTRIES: Final = {
    "performing-arts": N_("Performing arts"),
    "museum": N_("Museums"),
    "visual-art": N_("Visual art"),
    "orchestra": N_("Orchestras"),
    "concert-hall": N_("Concert halls"),
    "festival": N_("Festivals"),
    "opera-and-ballet": N_("Opera and ballet"),
    "culture-house": N_("Culture houses"),
    "heritage": N_("Heritage"),
    "other": N_("Other institutions"),
}

_SIZES: Final = {"small": N_("small"), "medium": N_("medium-sized"), "large": N_("large")}

REASONS: Final = {
    "TOO_FEW_MEMBERS": N_("Too few members: with fewer than the study asks for, single institutions could be told."),
    "ISOLATES_MEMBERS": N_("Withheld, for with what else is published it would single out a few members."),
    "DOMINATED": N_("Withheld, for one member may make up most of it."),
    "COMPLEMENTARY": N_("Withheld, for a withheld figure could be worked out from it."),
    "DENOMINATOR_NOT_POSITIVE": N_("There is nothing to divide by."),
    "INTERVAL_UNBOUNDED": N_("Too uncertain: its error has no bound."),
    "OUT_OF_RANGE": N_("It cannot be written as a number."),
    "DIRECTIONS_DISAGREE": N_("Withheld, for what two members counted of each other cannot both be true."),
    "NOT_COUNTED": N_("Not all could count what it takes."),
    "MOSTLY_NOISE": N_("Withheld, for it would be mostly noise."),
    "NOT_CONVERGED": N_("The computation came to no end."),
}


def table(_: Language, name: str) -> str:
    """A table by its name; two at a time with a cross between them."""
    return " × ".join(_(TABLES[part]) if part in TABLES else part.replace("_", " ") for part in name.split(" × "))


def category(_: Language, table_name: str, name: str) -> str:
    """A category of a table. One that is the institution's own word, such as a genre, stands as it is."""
    if table_name in ("county", "penetration", "group") and name in COUNTIES:
        return COUNTIES[name].name
    if table_name == "month" and name.isdigit():
        return _.month_name(int(name))
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    if name in days:
        return _.weekday_name(days.index(name))
    if table_name == "genre" and name != "unknown":
        return _(GENRES[name]) if name in GENRES else name
    if table_name in _UNITS and name[:1].isdigit():
        return _(_UNITS[table_name], category=_grouped(_, name))
    if table_name == "migration" and ":" in name:
        return " → ".join(category(_, "tier", each).partition(" (")[0] for each in name.split(":"))
    return _(_CATEGORIES[name]) if name in _CATEGORIES else name.replace("-", "–").replace("_", " ")


def _grouped(_: Language, band: str) -> str:
    """A band of numbers as people write it: 12000-15999, 24000+."""
    numbers = [_.number(int(number)) for number in band.rstrip("+").split("-")]
    return "–".join(numbers) + ("+" if band.endswith("+") else "")


def cohort(_: Language, name: str) -> str:
    """A cohort in words."""
    kind, *rest = name.split(":")
    match kind, rest:
        case "network", []:
            return _("All members")
        case "industry", [industry]:
            return _industry(_, industry)
        case "county", [code]:
            return _("Institutions in {county}", county=_county(code))
        case "industry-county", [industry, code]:
            return _("{industry} in {county}", industry=_industry(_, industry), county=_county(code))
        case "size", [size]:
            return _("Institutions that are {size}", size=_(_SIZES[size]) if size in _SIZES else size)
    return name


def reason(_: Language, code: str | None) -> str:
    """Why something is withheld, in a sentence; the code of another version of Kudos stands as it is."""
    return _(REASONS[code]) if code in REASONS else code or ""


def _industry(_: Language, name: str) -> str:
    return _(INDUSTRIES[name]) if name in INDUSTRIES else name


def _county(code: str) -> str:
    return COUNTIES[code].name if code in COUNTIES else code
