"""The dimensions of the catalogue with their fixed categories.

The categories are public constants: a cell is released whether or not anybody is in it, so that the shape of a
release says nothing. A new category is a new version of the catalogue.
"""

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """What lies in exactly one category: a customer, an order, or a line of an order."""

    CUSTOMER = "customer"
    ORDER = "order"
    LINE = "line"


@dataclass(frozen=True)
class Dimension:
    """A way to divide what was sold.

    `unidentified` is the category into which sales without an identified customer fall, or None where the
    dimension describes identified customers only and such sales are left out.
    """

    name: str
    level: Level
    categories: tuple[str, ...]
    unidentified: str | None = None


UNKNOWN = "unknown"

ALL = Dimension("all", Level.CUSTOMER, ("all",), unidentified="all")
"""The whole institution: one cell."""

IDENTITY = Dimension("identity", Level.CUSTOMER, ("identified", "anonymous"), unidentified="anonymous")
"""Whether the customer of a sale is known."""

MONTH = Dimension("month", Level.ORDER, tuple(f"{month:02d}" for month in range(1, 13)))
"""Calendar month of the order, by the institution's local day."""

AGE_LOWER_BOUNDS = {"0-15": 0, "16-24": 16, "25-34": 25, "35-44": 35, "45-54": 45, "55-66": 55, "67+": 67}

AGE_BAND = Dimension("age_band", Level.CUSTOMER, (*AGE_LOWER_BOUNDS, UNKNOWN), unidentified=UNKNOWN)
"""Age in the year in which the window ends, from the year of birth."""

GENDER = Dimension("gender", Level.CUSTOMER, ("female", "male", "other", UNKNOWN), unidentified=UNKNOWN)
"""As the ticketing system holds it; never guessed from a name."""

COUNTY_CODES = ("03", "11", "15", "18", "31", "32", "33", "34", "39", "40", "42", "46", "50", "55", "56")

COUNTY = Dimension("county", Level.CUSTOMER, (*COUNTY_CODES, "svalbard", "abroad", UNKNOWN), unidentified=UNKNOWN)
"""Where the customer lives: the counties of 2024 by their official codes."""

SEGMENT = Dimension(
    "segment",
    Level.CUSTOMER,
    (
        "essence",
        "expression",
        "affirmation",
        "enrichment",
        "release",
        "perspective",
        "stimulation",
        "entertainment",
        UNKNOWN,
    ),
    unidentified=UNKNOWN,
)
"""Culture segment, as the institution's own survey or tagging tool has it."""

FREQUENCY_LOWER_BOUNDS = {"1": 1, "2-4": 2, "5-7": 5, "8+": 8}

FREQUENCY_BAND = Dimension("frequency_band", Level.CUSTOMER, tuple(FREQUENCY_LOWER_BOUNDS))
"""Orders of the customer in the window, before any bound."""

FLOW = Dimension("flow", Level.CUSTOMER, ("new", "continuing", "recovered", "lost"))
"""Where the customer came from or went, by the two windows S12 and F12."""

TICKET_TYPE = Dimension(
    "ticket_type",
    Level.LINE,
    (
        "ordinary",
        "child",
        "youth",
        "student",
        "senior",
        "group",
        "school",
        "subscription",
        "member",
        "discount",
        "complimentary",
        "other",
    ),
)
"""The harmonised category of the ticket type as sold."""

CHANNEL = Dimension("channel", Level.ORDER, ("web", "box_office", "phone", "app", "partner", "other"))
"""How the order was placed."""

DIMENSIONS = {
    dimension.name: dimension
    for dimension in (
        ALL,
        IDENTITY,
        MONTH,
        AGE_BAND,
        GENDER,
        COUNTY,
        SEGMENT,
        FREQUENCY_BAND,
        FLOW,
        TICKET_TYPE,
        CHANNEL,
    )
}
