"""The Kudos transaction standard, version 1: what every export becomes.

Three resources. Each field has a type of the Frictionless Table Schema, so that a file in the standard can be checked
by tools that are not ours (`datapackage.py`); `kudos-node standard` prints them, and docs/standard.md and
docs/standarden.md have their tables from here (`make readme`).
"""

from dataclasses import dataclass

from privacy.catalogue import dimensions

VERSION = "1.0.0"

ORDER_LINES, CUSTOMERS, EVENTS = "order_lines", "customers", "events"

STATES = ("paid", "returned", "cancelled", "reserved")
"""Reserved stands for reservations, holds, blocks and whatever else is no sale: counted as skipped."""

CUSTOMER_TYPES = ("person", "group", "school", "company", "unknown")

SEGMENTS = dimensions.SEGMENT.categories


@dataclass(frozen=True)
class Field:
    """One field of a resource: what it means, in English and in bokmål, and an example of a value.

    `stored` is false for what is hashed or made coarse at import and thrown away. `minimum` and `maximum` are of
    integers and numbers.
    """

    name: str
    type: str
    description: str
    bokmal: str
    example: str
    required: bool = False
    one_of: tuple[str, ...] = ()
    stored: bool = True
    minimum: int | None = None
    maximum: int | None = None


_LARGEST_AMOUNT = 10**9
_CUSTOMER_FIELDS = (
    Field(
        "customer_key",
        "string",
        "The ticketing system's own key of the customer. Kept as it is where it is plainly a customer number (up to "
        "three letters and seven digits), else as a keyed hash.",
        "Billettsystemets egen nøkkel for kunden. Lagres som den er når den tydelig er et kundenummer (inntil tre "
        "bokstaver og sju sifre), ellers som en hash med nøkkel.",
        "K17",
    ),
    Field(
        "email",
        "string",
        "E-mail address. Becomes the match id at import; not stored.",
        "E-postadresse. Blir til match-id ved import; lagres ikke.",
        "kari@example.no",
        stored=False,
    ),
    Field(
        "phone",
        "string",
        "Telephone number; eight digits are Norwegian. Becomes the match id where there is no e-mail; not stored.",
        "Telefonnummer; åtte sifre er norsk. Blir til match-id når e-post mangler; lagres ikke.",
        "+47 40612345",
        stored=False,
    ),
    Field(
        "birth_year",
        "integer",
        "Year of birth, as the customer gave it; empty where it is not known. Never worked out from anything else.",
        "Fødselsår slik kunden oppga det; tomt når det ikke er kjent. Regnes aldri ut fra noe annet.",
        "1971",
        minimum=1901,
        maximum=2100,
    ),
    Field(
        "gender",
        "string",
        "As the system holds it; never guessed from a name.",
        "Slik systemet har det; gjettes aldri ut fra navn.",
        "female",
        one_of=dimensions.GENDER.categories,
    ),
    Field(
        "postcode",
        "string",
        "Four digits in Norway. Becomes the county; not stored.",
        "Fire sifre i Norge. Blir til fylke; lagres ikke.",
        "5003",
        stored=False,
    ),
    Field(
        "country",
        "string",
        "ISO 3166 code or name. Abroad is abroad whatever the postcode; without a country Norway is assumed.",
        "ISO 3166-kode eller navn. Utlandet er utlandet uansett postnummer; uten land antas Norge.",
        "NO",
    ),
    Field(
        "segment",
        "string",
        "Culture segment, from a survey or a tagging tool.",
        "Kultursegment, fra en undersøkelse eller et merkeverktøy.",
        "enrichment",
        one_of=SEGMENTS,
    ),
    Field("customer_type", "string", "Who buys.", "Hvem som kjøper.", "person", one_of=CUSTOMER_TYPES),
    Field(
        "objects",
        "boolean",
        "True where the customer objects to being counted: kept out of every release.",
        "True når kunden har reservert seg mot å bli talt med: holdes utenfor alt som leveres ut.",
        "false",
    ),
    Field(
        "consents",
        "boolean",
        "True where the customer consented to being counted. It matters where the institution releases only such.",
        "True når kunden har samtykket i å bli talt med. Det teller der institusjonen bare leverer ut slike.",
        "true",
    ),
)

RESOURCES: dict[str, tuple[Field, ...]] = {
    ORDER_LINES: (
        Field(
            "order_id",
            "string",
            "The order or transaction that the line belongs to.",
            "Ordren eller transaksjonen linjen hører til.",
            "A1001",
            required=True,
        ),
        Field(
            "line_id",
            "string",
            "Unique within the order. Without one, a line is named by its content (event, ticket type, price zone, "
            "amount) and how often that stands in the order.",
            "Entydig i ordren. Uten den kjennes en linje på innholdet (arrangement, billettype, prissone, beløp) "
            "og hvor mange ganger det står i ordren.",
            "1",
        ),
        Field(
            "ordered_at",
            "datetime",
            "When it was ordered: ISO 8601, with zone.",
            "Når det ble bestilt: ISO 8601, med tidssone.",
            "2025-03-01T18:00:00+01:00",
            required=True,
        ),
        Field(
            "changed_at",
            "datetime",
            "When the line last changed; of two states the newer wins.",
            "Når linjen sist ble endret; av to tilstander vinner den nyeste.",
            "2025-03-01T18:00:00+01:00",
        ),
        Field(
            "event_id",
            "string",
            "The event or performance.",
            "Arrangementet eller forestillingen.",
            "E1",
        ),
        Field(
            "event_title",
            "string",
            "Its title, where no file of events is given.",
            "Tittelen, når det ikke følger en fil med arrangementer.",
            "Vildanden",
        ),
        Field(
            "event_start",
            "datetime",
            "When it starts, where no file of events is given.",
            "Når det begynner, når det ikke følger en fil med arrangementer.",
            "2025-03-21T19:00:00+01:00",
        ),
        Field("ticket_type", "string", "The ticket type as sold.", "Billettypen slik den ble solgt.", "Ordinær"),
        Field(
            "ticket_category",
            "string",
            "Its category. Without one it is judged by `ticket_type`.",
            "Kategorien. Uten den vurderes den etter `ticket_type`.",
            "ordinary",
            one_of=dimensions.TICKET_TYPE.categories,
        ),
        Field(
            "quantity",
            "integer",
            "Tickets; negative for a return; 1 where it is missing.",
            "Billetter; negativt for en retur; 1 når det mangler.",
            "2",
            minimum=-100_000,
            maximum=100_000,
        ),
        Field(
            "unit_price",
            "number",
            "Price of one ticket in kroner, VAT included, fees apart.",
            "Prisen for én billett i kroner, med mva. og uten gebyrer.",
            "400.00",
            minimum=0,
            maximum=_LARGEST_AMOUNT,
        ),
        Field(
            "amount",
            "number",
            "Paid for the line in kroner, VAT included, fees apart. Negative for a return.",
            "Betalt for linjen i kroner, med mva. og uten gebyrer. Negativt for en retur.",
            "800.00",
            required=True,
            minimum=-_LARGEST_AMOUNT,
            maximum=_LARGEST_AMOUNT,
        ),
        Field(
            "currency",
            "string",
            "NOK; any other is refused by name. Empty means NOK.",
            "NOK; enhver annen avvises ved navn. Tomt betyr NOK.",
            "NOK",
            one_of=("NOK",),
        ),
        Field(
            "channel",
            "string",
            "How it was ordered.",
            "Hvordan det ble bestilt.",
            "web",
            one_of=dimensions.CHANNEL.categories,
        ),
        Field(
            "state",
            "string",
            "Empty means paid. `reserved` stands for reservations, holds, blocks and whatever is unpaid: no sale.",
            "Tomt betyr betalt. `reserved` står for reservasjoner, sperringer og ubetalt: ikke noe salg.",
            "paid",
            one_of=STATES,
        ),
        Field("price_zone", "string", "Price zone or section.", "Prissone eller felt.", "Parkett"),
        Field(
            "ticket_id",
            "string",
            "The ticket itself; a return of the same ticket takes its sale back.",
            "Selve billetten; en retur av samme billett opphever salget av den.",
            "T-90211",
        ),
        Field(
            "original_order_id",
            "string",
            "For a return: the order that it takes back from.",
            "For en retur: ordren den tar tilbake fra.",
            "A1001",
        ),
        Field(
            "original_line_id",
            "string",
            "For a return: the line that it takes back.",
            "For en retur: linjen den tar tilbake.",
            "1",
        ),
        *_CUSTOMER_FIELDS,
    ),
    CUSTOMERS: _CUSTOMER_FIELDS,
    EVENTS: (
        Field(
            "event_id",
            "string",
            "The event or performance, as in `order_lines`.",
            "Arrangementet eller forestillingen, som i `order_lines`.",
            "E1",
            required=True,
        ),
        Field("event_title", "string", "Title.", "Tittel.", "Vildanden"),
        Field(
            "production",
            "string",
            "Series or production that the event belongs to.",
            "Serien eller produksjonen arrangementet hører til.",
            "Vildanden 2025",
        ),
        Field(
            "genre", "string", "Genre as the institution names it.", "Sjanger slik institusjonen kaller den.", "Teater"
        ),
        Field(
            "event_start",
            "datetime",
            "When it starts: ISO 8601, with zone.",
            "Når det begynner: ISO 8601, med tidssone.",
            "2025-03-21T19:00:00+01:00",
        ),
        Field("venue", "string", "Hall or place.", "Sal eller sted.", "Hovedscenen"),
        Field("capacity", "integer", "Seats on sale.", "Plasser i salg.", "420", minimum=0),
        Field(
            "cancelled",
            "boolean",
            "True where the event was called off.",
            "True når arrangementet er avlyst.",
            "false",
        ),
    ),
}

TITLES = {
    ORDER_LINES: ("One row per ticket, or per block of equal tickets.", "Én rad per billett, eller per blokk av like."),
    CUSTOMERS: ("One row per customer.", "Én rad per kunde."),
    EVENTS: ("One row per event or performance.", "Én rad per arrangement eller forestilling."),
}
"""What a row of each resource is, in English and in bokmål."""


def field(resource: str, name: str) -> Field | None:
    """A field of a resource by its name, or None."""
    return next((field for field in RESOURCES[resource] if field.name == name), None)


def meaning(name: str) -> str:
    """What a field means, in English, by its name in any resource."""
    return next(found.description for fields in RESOURCES.values() for found in fields if found.name == name)
