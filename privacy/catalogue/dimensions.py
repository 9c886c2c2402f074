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
    dimension describes identified customers only and such sales are left out. `parts` has the two dimensions whose
    every combination the categories are, and nothing for a plain dimension.
    """

    name: str
    level: Level
    categories: tuple[str, ...]
    unidentified: str | None = None
    parts: tuple["Dimension", ...] = ()

    @property
    def identified_only(self) -> bool:
        """Whether sales without an identified customer are left out, of itself or of one of its parts."""
        return any(part.level is Level.CUSTOMER and part.unidentified is None for part in self.parts or (self,))

    def index(self, first: int, second: int) -> int:
        """The index of the combination of a category of the first part and one of the second, by their indices."""
        return first * len(self.parts[1].categories) + second


def crossed(first: Dimension, second: Dimension) -> Dimension:
    """Every combination of two dimensions, the second one's categories running fastest.

    Of the level of the finer one: a line lies in the category of its order and its customer.
    """
    finest = max((first.level, second.level), key=list(Level).index)
    nobody = (first.unidentified, second.unidentified)
    both = finest is Level.CUSTOMER and None not in nobody
    return Dimension(
        f"{first.name}-{second.name}",
        finest,
        tuple(f"{one}:{other}" for one in first.categories for other in second.categories),
        unidentified=":".join(map(str, nobody)) if both else None,
        parts=(first, second),
    )


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

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

ORDER_WEEKDAY = Dimension("order_weekday", Level.ORDER, _DAYS)
"""The day on which it was ordered."""

BASKET_LOWER_BOUNDS = {"1": 1, "2": 2, "3-4": 3, "5-9": 5, "10+": 10}
BASKET_SIZE = Dimension("basket_size", Level.ORDER, tuple(BASKET_LOWER_BOUNDS))
"""Tickets of the order, net of returns."""

LEAD_LOWER_BOUNDS = {"same-day": 0, "1-7": 1, "8-30": 8, "31-90": 31, "91+": 91}
LEAD_TIME = Dimension("lead_time", Level.ORDER, (*LEAD_LOWER_BOUNDS, UNKNOWN))
"""Days from the order to its first performance; where that was before the order, the same day."""

PRICE_LOWER_BOUNDS_ORE = {
    "free": 0,
    "1-99": 1,
    "100-199": 100_00,
    "200-299": 200_00,
    "300-499": 300_00,
    "500-799": 500_00,
    "800+": 800_00,
}
NO_TICKET = "no-ticket"
PRICE_BAND = Dimension("price_band", Level.LINE, (*PRICE_LOWER_BOUNDS_ORE, NO_TICKET))
"""Kroner paid per ticket of the line, net of what was taken back; a line of which no ticket is left has its own."""

GENRE = Dimension(
    "genre",
    Level.LINE,
    (
        "theatre",
        "musical",
        "opera",
        "dance",
        "classical",
        "popular-music",
        "jazz-folk",
        "comedy",
        "family",
        "film",
        "exhibition",
        "festival",
        "other",
        UNKNOWN,
    ),
)
"""The harmonised genre of the performance; the institution's own names of genres are told apart in its own figures."""

WEEKDAY = Dimension("weekday", Level.LINE, (*_DAYS, UNKNOWN))
"""The day of the performance, where the institution is."""

DAYPART_FIRST_HOURS = {"morning": 5, "afternoon": 12, "evening": 17, "night": 22}
DAYPART = Dimension("daypart", Level.LINE, (*DAYPART_FIRST_HOURS, UNKNOWN))
"""When the performance starts, where the institution is: from 5, 12, 17 and 22 o'clock."""

VALUE_LOWER_BOUNDS_KR = {
    "0-249": 0,
    "250-499": 250,
    "500-999": 500,
    "1000-1999": 1_000,
    "2000-3999": 2_000,
    "4000-7999": 4_000,
    "8000-11999": 8_000,
    "12000-15999": 12_000,
    "16000-23999": 16_000,
    "24000-39999": 24_000,
    "40000+": 40_000,
}
VALUE_BAND = Dimension("value_band", Level.CUSTOMER, tuple(VALUE_LOWER_BOUNDS_KR))
"""Kroner of the customer in the window, before any bound."""

TIERS = ("super", "top", "middle", "bottom")
TIER_QUANTILES = ("0.95", "0.8", "0.3")
"""A customer of a tier has at least the revenue of this quantile, as a release tells it; the last tier is the rest."""

VALUE_TIER = Dimension("value_tier", Level.CUSTOMER, TIERS)
"""Tier of value in the window, by the thresholds of the release."""

MIGRATION = Dimension(
    "migration",
    Level.CUSTOMER,
    tuple(
        f"{origin}:{to}"
        for origin in (*TIERS, "recovered", "new")
        for to in (*TIERS, "lost")
        if origin in TIERS or to in TIERS
    ),
)
"""From which tier of the twelve months before, or from outside, to which tier of the window, or lost."""

AGE_BAND_GENDER = crossed(AGE_BAND, GENDER)
AGE_BAND_COUNTY = crossed(AGE_BAND, COUNTY)
SEGMENT_FREQUENCY_BAND = crossed(SEGMENT, FREQUENCY_BAND)
FLOW_AGE_BAND = crossed(FLOW, AGE_BAND)
GENRE_AGE_BAND = crossed(GENRE, AGE_BAND)
TICKET_TYPE_MONTH = crossed(TICKET_TYPE, MONTH)

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
        ORDER_WEEKDAY,
        BASKET_SIZE,
        LEAD_TIME,
        PRICE_BAND,
        GENRE,
        WEEKDAY,
        DAYPART,
        VALUE_BAND,
        VALUE_TIER,
        MIGRATION,
        AGE_BAND_GENDER,
        AGE_BAND_COUNTY,
        SEGMENT_FREQUENCY_BAND,
        FLOW_AGE_BAND,
        GENRE_AGE_BAND,
        TICKET_TYPE_MONTH,
    )
}
