"""The Kudos transaction standard, version 1: what every export becomes.

Three resources. Each field has a type of the Frictionless Table Schema, so that a file in the standard can be checked
by tools that are not ours; `kudos-node standard` prints the descriptor.
"""

from dataclasses import dataclass
from typing import Any

from privacy.catalogue import dimensions

VERSION = "1.0.0"

ORDER_LINES, CUSTOMERS, EVENTS = "order_lines", "customers", "events"

STATES = ("paid", "returned", "cancelled", "reserved")
"""Reserved stands for reservations, holds, blocks and whatever else is no sale: counted as skipped."""

CUSTOMER_TYPES = ("person", "group", "school", "company", "unknown")

SEGMENTS = (
    "essence",
    "expression",
    "affirmation",
    "enrichment",
    "release",
    "perspective",
    "stimulation",
    "entertainment",
    "unknown",
)


@dataclass(frozen=True)
class Field:
    """One field of a resource. `stored` is false for what is hashed at import and thrown away."""

    name: str
    type: str
    description: str
    required: bool = False
    one_of: tuple[str, ...] = ()
    stored: bool = True


_CUSTOMER_FIELDS = (
    Field("customer_key", "string", "The ticketing system's own key of the customer."),
    Field("email", "string", "Hashed into the match id at import; not stored.", stored=False),
    Field("phone", "string", "Hashed into the match id where there is no e-mail; not stored.", stored=False),
    Field("birth_year", "integer", "Year of birth, or a date of birth of which only the year is kept."),
    Field("gender", "string", "As the system holds it; never guessed.", one_of=dimensions.GENDER.categories),
    Field("postcode", "string", "Becomes the county.", stored=False),
    Field("country", "string", "ISO 3166 code or name; without one, Norway is assumed for a Norwegian postcode."),
    Field("segment", "string", "Culture segment.", one_of=SEGMENTS),
    Field("customer_type", "string", "Who buys.", one_of=CUSTOMER_TYPES),
    Field("objects", "boolean", "True where the customer objects: kept out of every release."),
)

RESOURCES: dict[str, tuple[Field, ...]] = {
    ORDER_LINES: (
        Field("order_id", "string", "The order or transaction that the line belongs to.", required=True),
        Field("line_id", "string", "Unique within the order; made from the line's content where it is missing."),
        Field("ordered_at", "datetime", "When it was ordered, ISO 8601 with zone.", required=True),
        Field("changed_at", "datetime", "When the line last changed; the newer of two states wins."),
        Field("event_id", "string", "The event or performance."),
        Field("event_title", "string", "Its title, where no file of events is given."),
        Field("event_start", "datetime", "When it starts."),
        Field("ticket_type", "string", "The ticket type as sold."),
        Field(
            "ticket_category",
            "string",
            "Its category in the standard.",
            one_of=dimensions.TICKET_TYPE.categories,
        ),
        Field("quantity", "integer", "Tickets; negative for a return; 1 where the export has a row per ticket."),
        Field("unit_price", "number", "Price of one ticket in NOK, VAT included, fees apart."),
        Field("amount", "number", "Amount paid for the line in NOK, VAT included, fees apart.", required=True),
        Field("currency", "string", "NOK; any other is refused by name."),
        Field("channel", "string", "How it was ordered.", one_of=dimensions.CHANNEL.categories),
        Field("state", "string", "paid, returned, cancelled, or reserved (no sale).", one_of=STATES),
        Field("price_zone", "string", "Price zone or section."),
        Field("ticket_id", "string", "The ticket itself; a return of the same ticket takes its sale back."),
        Field("original_order_id", "string", "For a return: the order that it takes back from."),
        Field("original_line_id", "string", "For a return: the line that it takes back."),
        *_CUSTOMER_FIELDS,
    ),
    CUSTOMERS: _CUSTOMER_FIELDS,
    EVENTS: (
        Field("event_id", "string", "The event or performance.", required=True),
        Field("event_title", "string", "Title."),
        Field("production", "string", "Series or production that the event belongs to."),
        Field("genre", "string", "Genre as the institution names it."),
        Field("event_start", "datetime", "When it starts, ISO 8601 with zone."),
        Field("venue", "string", "Hall or place."),
        Field("capacity", "integer", "Seats on sale."),
        Field("cancelled", "boolean", "True where the event was called off."),
    ),
}


def field(resource: str, name: str) -> Field | None:
    """A field of a resource by its name, or None."""
    return next((field for field in RESOURCES[resource] if field.name == name), None)


def descriptor() -> dict[str, Any]:
    """The standard as a Frictionless Data Package: one tabular resource a file, UTF-8 CSV with commas."""
    return {
        "profile": "tabular-data-package",
        "name": "kudos-transactions",
        "title": "Kudos transaction standard",
        "version": VERSION,
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": name.replace("_", "-"),
                "path": f"{name}.csv",
                "encoding": "utf-8",
                "schema": {
                    "fields": [_table_schema(field) for field in fields],
                    "missingValues": [""],
                },
            }
            for name, fields in RESOURCES.items()
        ],
    }


def _table_schema(field: Field) -> dict[str, Any]:
    schema: dict[str, Any] = {"name": field.name, "type": field.type, "description": field.description}
    if field.type == "datetime":
        schema["format"] = "any"
    constraints: dict[str, Any] = {}
    if field.required:
        constraints["required"] = True
    if field.one_of:
        constraints["enum"] = list(field.one_of)
    if constraints:
        schema["constraints"] = constraints
    return schema
