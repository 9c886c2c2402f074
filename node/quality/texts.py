"""The words of the report, in English and bokmål: each finding says what is the case, and what to do about it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Literal

Language = Literal["en", "nb"]

LANGUAGES: tuple[Language, ...] = ("en", "nb")

_MONTHS: dict[Language, tuple[str, ...]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "nb": ("jan.", "feb.", "mars", "april", "mai", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "des."),
}

FINDINGS: dict[str, dict[Language, tuple[str, str]]] = {
    "empty": {
        "en": ("There are no sales yet.", "Import an export: kudos-node import FILE"),
        "nb": ("Det er ingen salg ennå.", "Importer en eksport: kudos-node import FIL"),
    },
    "identified-low": {
        "en": (
            "Only {share} of the orders have a known customer.",
            "Ask for an e-mail address at the till and in groups' bookings, and check that the export has its column.",
        ),
        "nb": (
            "Bare {share} av bestillingene har en kjent kunde.",
            "Spør etter e-postadresse i billettluka og ved gruppebestillinger, og se etter at eksporten har kolonnen.",
        ),
    },
    "identified-fell": {
        "en": (
            "{share} of the orders have a known customer; before the last import it was {before}.",
            "Look whether the last file lacks the customers' column. If so: kudos-node undo, and export again with it.",
        ),
        "nb": (
            "{share} av bestillingene har en kjent kunde; før siste import var det {before}.",
            "Se om den siste filen mangler kundekolonnen. I så fall: kudos-node undo, og eksporter på nytt med den.",
        ),
    },
    "customers-apart": {
        "en": (
            "{profiles} profiles of a file of customers meet no sale: it stands under another name (source) than the "
            "sales.",
            "If it is of the same ticketing system, import both under one name, kudos-node import FILES --source NAME, "
            "or give one profile both layouts. Until then nothing in that file is known of your buyers.",
        ),
        "nb": (
            "{profiles} profiler fra en kundefil møter ikke noe salg: filen står under et annet navn (kilde) enn "
            "salgene.",
            "Hvis den er fra samme billettsystem, importer begge under ett navn, kudos-node import FILER --source NAVN"
            ", eller gi én profil begge oppsettene. Til da er ingenting i den filen kjent om kjøperne deres.",
        ),
    },
    "email-low": {
        "en": (
            "Only {share} of the known customers are known by an e-mail address.",
            "Others cannot be recognised at another institution. Add the e-mail column, or a file of customers.",
        ),
        "nb": (
            "Bare {share} av de kjente kundene er kjent ved e-postadresse.",
            "De andre kan ikke gjenkjennes hos en annen institusjon. Ta med e-postkolonnen, eller en kundefil.",
        ),
    },
    "email-fell": {
        "en": (
            "{share} of the known customers have an e-mail address; before the last import it was {before}.",
            "Look whether the last file lacks the e-mail column. If so: kudos-node undo, and export again with it.",
        ),
        "nb": (
            "{share} av de kjente kundene har e-postadresse; før siste import var det {before}.",
            "Se om den siste filen mangler e-postkolonnen. I så fall: kudos-node undo, og eksporter på nytt med den.",
        ),
    },
    "postcode-low": {
        "en": (
            "The county is known of {share} of the known customers.",
            "Import a file of customers with postcodes, or add the column to the export of sales.",
        ),
        "nb": (
            "Fylket er kjent for {share} av de kjente kundene.",
            "Importer en kundefil med postnumre, eller ta kolonnen med i salgseksporten.",
        ),
    },
    "postcode-fell": {
        "en": (
            "The county is known of {share} of the known customers; before the last import it was {before}.",
            "Import a file of customers with postcodes for the new ones.",
        ),
        "nb": (
            "Fylket er kjent for {share} av de kjente kundene; før siste import var det {before}.",
            "Importer en kundefil med postnumre for de nye.",
        ),
    },
    "age-low": {
        "en": (
            "The year of birth is known of {share} of the known customers.",
            "Ages are read from dates or years of birth and never guessed. Figures by age rest on these customers.",
        ),
        "nb": (
            "Fødselsåret er kjent for {share} av de kjente kundene.",
            "Alder leses av fødselsdato eller fødselsår og gjettes aldri. Tall etter alder bygger på disse kundene.",
        ),
    },
    "age-fell": {
        "en": (
            "The year of birth is known of {share} of the known customers; before the last import it was {before}.",
            "Import a file of customers with years of birth for the new ones.",
        ),
        "nb": (
            "Fødselsåret er kjent for {share} av de kjente kundene; før siste import var det {before}.",
            "Importer en kundefil med fødselsår for de nye.",
        ),
    },
    "gender-fell": {
        "en": ("Gender is known of {share} of the known customers; it was {before}.", "It is never guessed."),
        "nb": ("Kjønn er kjent for {share} av de kjente kundene; det var {before}.", "Det gjettes aldri."),
    },
    "segment-fell": {
        "en": (
            "A culture segment is known of {share} of the known customers; it was {before}.",
            "Import a new file of the TagTool.",
        ),
        "nb": (
            "Kultursegment er kjent for {share} av de kjente kundene; det var {before}.",
            "Importer en ny fil fra TagTool.",
        ),
    },
    "joined": {
        "en": (
            "{profiles} profiles were joined to {customers} customers.",
            "Nothing to do: those with the same address or number are one customer.",
        ),
        "nb": (
            "{profiles} profiler ble slått sammen til {customers} kunder.",
            "Ingenting å gjøre: de med samme adresse eller nummer er én kunde.",
        ),
    },
    "placeholders": {
        "en": (
            "{orders} orders ({share}) stand under addresses that are nobody's, such as billett@ ({addresses}).",
            "Leave the address empty at the till instead: each sale then counts by itself and not as one customer's.",
        ),
        "nb": (
            "{orders} bestillinger ({share}) står på adresser som ikke er noens, som billett@ ({addresses}).",
            "La adressefeltet stå tomt i luka: da teller hvert salg for seg, og ikke som én kundes.",
        ),
    },
    "busy": {
        "en": (
            "Addresses with more orders in a year than any person has: {addresses}.",
            "Find out which till or reseller types them in. They count as nobody's.",
        ),
        "nb": (
            "Adresser med flere bestillinger på et år enn noe menneske har: {addresses}.",
            "Finn ut hvilken kasse eller forhandler som taster dem. De teller som ingens.",
        ),
    },
    "unmatched-returns": {
        "en": (
            "{tickets} returned tickets are without the sale that they take back.",
            "Import the older sales: your own figures count these returns, a release does not.",
        ),
        "nb": (
            "{tickets} returnerte billetter mangler salget som de opphever.",
            "Importer de eldre salgene: deres egne tall teller disse returene, et uttrekk gjør det ikke.",
        ),
    },
    "without-type": {
        "en": (
            "{share} of the order lines have no ticket type.",
            "They count as 'other', and complimentary tickets among them are not seen. Give the profile the column, "
            "kudos-node profile set NAME --column ticket_type=COLUMN, and import the files again.",
        ),
        "nb": (
            "{share} av salgslinjene mangler billettype.",
            "De teller som 'other' (andre), og fribilletter blant dem synes ikke. Gi profilen kolonnen, "
            "kudos-node profile set NAVN --column ticket_type=KOLONNE, og importer filene på nytt.",
        ),
    },
    "without-event": {
        "en": (
            "{share} of the order lines name no event.",
            "Add the event's column to the export: returns find their sale better, and vouchers are told from tickets.",
        ),
        "nb": (
            "{share} av salgslinjene nevner ikke noe arrangement.",
            "Ta arrangementet med i eksporten: returer finner salget sitt bedre, og gavekort skilles fra billetter.",
        ),
    },
    "rejected": {
        "en": (
            "{rows} of {of} rows of the last import could not be read.",
            "Below are the reasons; the list of rejected rows beside the file has their lines.",
        ),
        "nb": (
            "{rows} av {of} rader i siste import kunne ikke leses.",
            "Grunnene står nedenfor; listen over avviste rader ved siden av filen har linjene.",
        ),
    },
    "many-reserved": {
        "en": (
            "{rows} of {of} rows of the last import were reservations.",
            "Look whether the profile takes a state for a reservation that is a sale: kudos-node import --dry-run",
        ),
        "nb": (
            "{rows} av {of} rader i siste import var reservasjoner.",
            "Se om profilen tar en status for reservasjon som er et salg: kudos-node import --dry-run",
        ),
    },
    "gap": {
        "en": (
            "No sales from {first} to {last} ({days} days).",
            "If you were open for sale then, export that period again and import it.",
        ),
        "nb": (
            "Ingen salg fra {first} til {last} ({days} dager).",
            "Hvis dere hadde åpent for salg da, eksporter perioden på nytt og importer den.",
        ),
    },
    "gap-as-before": {
        "en": ("No sales from {first} to {last} ({days} days), and hardly any a year before.", "Nothing to do."),
        "nb": ("Ingen salg fra {first} til {last} ({days} dager), og nesten ingen året før.", "Ingenting å gjøre."),
    },
    "week-high": {
        "en": (
            "{tickets} tickets in the week from {first}; usual are {usual}.",
            "A release of tickets does that. If there was none: was a period imported under two names?",
        ),
        "nb": (
            "{tickets} billetter i uken fra {first}; vanlig er {usual}.",
            "Et billettslipp gjør det. Var det ikke noe slipp: ble en periode importert under to navn?",
        ),
    },
    "week-low": {
        "en": ("{tickets} tickets in the week from {first}; usual are {usual}.", "Was a part of that week exported?"),
        "nb": ("{tickets} billetter i uken fra {first}; vanlig er {usual}.", "Ble bare en del av uken eksportert?"),
    },
    "month-high": {
        "en": (
            "{tickets} tickets in the month from {first}; the year before it was {usual}.",
            "If nothing explains it: was the year before exported in full?",
        ),
        "nb": (
            "{tickets} billetter i måneden fra {first}; året før var det {usual}.",
            "Hvis ingenting forklarer det: ble året før eksportert helt?",
        ),
    },
    "month-low": {
        "en": (
            "{tickets} tickets in the month from {first}; the year before it was {usual}.",
            "If nothing explains it, export that month again and import it.",
        ),
        "nb": (
            "{tickets} billetter i måneden fra {first}; året før var det {usual}.",
            "Hvis ingenting forklarer det, eksporter måneden på nytt og importer den.",
        ),
    },
    "future": {
        "en": ("The newest order is of {last}, which is to come.", "Check the profile's dates and time zone."),
        "nb": ("Den nyeste bestillingen er fra {last}, som ikke har vært.", "Se på profilens datoer og tidssone."),
    },
    "old": {
        "en": ("The newest order is {days} days old ({last}).", "Import a newer export."),
        "nb": ("Den nyeste bestillingen er {days} dager gammel ({last}).", "Importer en nyere eksport."),
    },
    "short": {
        "en": (
            "The sales begin on {first}: less than two years.",
            "Who is new and who has come back is told by the years before. Import older sales too, up to four years.",
        ),
        "nb": (
            "Salgene begynner {first}: mindre enn to år.",
            "Hvem som er ny og hvem som er kommet tilbake, sier årene før. Importer eldre salg også, inntil fire år.",
        ),
    },
}
"""Per code and language what is the case, and what to do."""

_WORDS: dict[str, dict[Language, str]] = {
    "title": {"en": "Data quality", "nb": "Datakvalitet"},
    "as-of": {"en": "made on {day}", "nb": "laget {day}"},
    "span": {
        "en": "{lines} order lines, {orders} orders that sold tickets, from {first} to {last}",
        "nb": "{lines} salgslinjer, {orders} bestillinger som solgte billetter, fra {first} til {last}",
    },
    "known": {"en": "What is known", "nb": "Hva som er kjent"},
    "now": {"en": "now", "nb": "nå"},
    "before": {"en": "before the last import", "nb": "før siste import"},
    "share-identified": {"en": "orders with a known customer", "nb": "bestillinger med kjent kunde"},
    "share-email": {"en": "known customers: by e-mail", "nb": "kjente kunder: ved e-post"},
    "share-postcode": {"en": "  county (from the postcode)", "nb": "  fylke (av postnummeret)"},
    "share-age": {"en": "  age", "nb": "  alder"},
    "share-gender": {"en": "  gender", "nb": "  kjønn"},
    "share-segment": {"en": "  culture segment", "nb": "  kultursegment"},
    "customers": {"en": "known customers", "nb": "kjente kunder"},
    "joined": {"en": "profiles joined to another", "nb": "profiler slått sammen med en annen"},
    "placeholder": {"en": "orders under placeholders", "nb": "bestillinger på plassholdere"},
    "objecting": {"en": "customers in no release", "nb": "kunder som ikke er med i uttrekk"},
    "findings": {"en": "What stands out, and what to do", "nb": "Hva som skiller seg ut, og hva dere kan gjøre"},
    "nothing": {"en": "Nothing stands out.", "nb": "Ingenting skiller seg ut."},
    "level-mend": {"en": "mend", "nb": "rett"},
    "level-look": {"en": "look", "nb": "se på"},
    "level-good": {"en": "good", "nb": "bra"},
    "last": {"en": "The last import", "nb": "Siste import"},
    "last-line": {
        "en": "{files}: {rows} rows, {lines_new} lines new, {lines_updated} changed, {skipped} left out, "
        "{rejected} not readable",
        "nb": "{files}: {rows} rader, {lines_new} linjer nye, {lines_updated} endret, {skipped} utelatt, {rejected} "
        "uleselige",
    },
    "reason": {"en": "reason", "nb": "grunn"},
    "column": {"en": "column", "nb": "kolonne"},
    "rows": {"en": "rows", "nb": "rader"},
    "skip-rule": {
        "en": "left out by the profile, or empty",
        "nb": "utelatt av profilen, eller tomme",
    },
    "skip-reserved": {
        "en": "reservations, holds and the like: no sales",
        "nb": "reservasjoner, sperringer og lignende: ikke salg",
    },
    "skip-superseded": {
        "en": "an earlier state of a line that stands in the file again",
        "nb": "en tidligere tilstand av en linje som står i filen igjen",
    },
    "skip-nobody": {
        "en": "rows of customers that name nobody, or reservations that cannot be read",
        "nb": "kunderader uten noen kunde, eller reservasjoner som ikke kan leses",
    },
    "footer": {
        "en": "Counts of your own store. Nothing here says who any customer is.",
        "nb": "Tall fra deres eget lager. Ingenting her sier hvem noen kunde er.",
    },
}


def word(key: str, language: Language, **values: Any) -> str:
    """A heading or a name, filled in."""
    return _WORDS[key][language].format_map(_shown(values, language))


def finding(
    code: str, language: Language, values: Mapping[str, Any], written: Callable[[float], str] | None = None
) -> tuple[str, str]:
    """What is the case, and what to do, filled in; `written` writes its numbers where they are not for a terminal."""
    fact, advice = FINDINGS[code][language]
    shown = _shown(values, language)
    if written is not None:
        shown |= {name: written(value) for name, value in values.items() if isinstance(value, int | float)}
    return fact.format_map(shown), advice


def reason(kind: str, text: str, language: Language) -> str:
    """Why rows were not taken. Reasons of rejected rows are those of the import, in English."""
    return _WORDS[f"skip-{text}"][language] if kind == "skipped" and f"skip-{text}" in _WORDS else text


def share(value: float | None, language: Language) -> str:
    """A share in per cent, with a decimal where it is small."""
    if value is None:
        return "–"
    text = f"{100 * value:.{0 if value >= 0.1 or value == 0 else 1}f} %"
    return text.replace(".", ",") if language == "nb" else text


def number(value: int) -> str:
    """A whole number with spaces between thousands."""
    return f"{value:,}".replace(",", " ")


def day(text: str, language: Language) -> str:
    """A day, YYYY-MM-DD, as people write it."""
    found = date.fromisoformat(text)
    return f"{found.day}{'.' if language == 'nb' else ''} {_MONTHS[language][found.month - 1]} {found.year}"


def _shown(values: Mapping[str, Any], language: Language) -> dict[str, str]:
    return {name: _value(name, value, language) for name, value in values.items()}


def _value(name: str, value: Any, language: Language) -> str:
    if name in ("first", "last", "day") and isinstance(value, str):
        return day(value, language)
    if isinstance(value, float):
        return share(value, language)
    return number(value) if isinstance(value, int) else str(value)
