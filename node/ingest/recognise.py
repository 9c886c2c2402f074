"""Which layout of which profile a file is written in, judged by its headers."""

import re
import shlex
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from node.errors import ImportRefused
from node.ingest import standard
from node.ingest.profile import NEEDED, Layout, Profile

_DATA_LIKE = re.compile(r"@|^[+-]?[0-9][0-9 .,:;/+-]*$|^[0-9a-f]{8}-[0-9a-f]{4}-")

_IDENTITIES = frozenset(
    {
        *("navn", "name", "comment", "kommentar", "merknad", "notat", "note", "notes"),
        *("fullt navn", "kundenavn", "fornavn", "etternavn", "mellomnavn", "kontaktperson", "deltakernavn"),
        *("full name", "customer name", "first name", "firstname", "last name", "lastname", "surname", "family name"),
        *("buyer name", "buyer first name", "buyer last name", "holder first name", "holder last name"),
        *("attendee name", "namn", "förnamn", "efternamn", "efternavn", "kundnamn", "adresse", "address", "adress"),
        *("e-post", "epost", "e-postadresse", "e-mail", "email", "mail", "buyer email", "holder email", "kunde e-post"),
        *("telefon", "telefonnummer", "tlf", "mobil", "mobilnummer", "mobiltelefon", "phone", "phone number", "mobile"),
    }
)
"""Headers of columns that say who somebody is."""


_HEADER_WORDS = frozenset(
    {
        *("amount", "antall", "antal", "belop", "beløp", "billett", "billettype", "channel", "customer", "date"),
        *("dato", "e", "email", "epost", "event", "forestilling", "id", "kanal", "kunde", "name"),
        *("navn", "nr", "number", "ordre", "order", "ordrenr", "ordrenummer", "phone", "postnr", "price"),
        *("pris", "product", "produkt", "quantity", "status", "sum", "telefon", "ticket", "tid", "time"),
        *("total", "type", "varenavn"),
    }
)
"""A first line with one of these words names columns; one without may be a customer's row, and is not shown."""


@dataclass(frozen=True)
class Recognised:
    """A profile's layout with, for every column that it reads, the index of that column in the file."""

    profile: Profile
    layout: Layout
    index: dict[str, int]

    @property
    def absent(self) -> list[str]:
        """The fields that the layout reads from columns which the file does not have, each with those columns."""
        fields = [(field, self.layout.columns_of(field)) for field in self.layout.columns]
        return [
            f"{field} ({' or '.join(map(str, ways))})"
            for field, ways in fields
            if not any(way.present(self.index) for way in ways)
        ]


def plain(header: str) -> str:
    """A header for comparison: no case, no byte-order mark, no surrounding or doubled spaces."""
    return " ".join(unicodedata.normalize("NFC", header).replace("\ufeff", "").split()).casefold()


def index_of(headers: Sequence[str]) -> dict[str, int]:
    """Where each header stands. Of headers that stand twice the first counts; the second is `name#2`, and so on."""
    index: dict[str, int] = {}
    seen: dict[str, int] = {}
    for position, header in enumerate(headers):
        name = plain(header)
        seen[name] = seen.get(name, 0) + 1
        index.setdefault(name if seen[name] == 1 else f"{name}#{seen[name]}", position)
    return index


def fits(headers: Sequence[str], profiles: Sequence[Profile]) -> bool:
    """Whether some layout's headers are all there."""
    index = index_of(headers)
    return any(not _missing(layout, index) for profile in profiles for layout in profile.layouts)


def chosen(headers: Sequence[str], profiles: Sequence[Profile]) -> tuple[Profile, Layout] | None:
    """The layout whose headers are all there; of several the one that names most, then the one that reads most."""
    index = index_of(headers)
    candidates = [(profile, layout) for profile in profiles for layout in profile.layouts]
    fitting = [pair for pair in candidates if not _missing(pair[1], index)]
    return max(fitting, key=lambda pair: (len(pair[1].recognise), len(_found(pair[1], index))), default=None)


def _found(layout: Layout, index: dict[str, int]) -> dict[str, int]:
    """Where the columns stand that a layout reads and the file has."""
    return {column: index[plain(column)] for column in layout.used if plain(column) in index}


def recognise(
    headers: Sequence[str], profiles: Sequence[Profile], file_name: str, path: Path | None = None
) -> Recognised:
    """The layout whose headers are all there; of several the one that names most, then the one that reads most.

    Raises ImportRefused where none is: it names the likeliest layout and the columns that it misses. Also where the
    layout would keep a column that says who somebody is. `path` is what to type to describe the file.
    """
    index = index_of(headers)
    likeliest = chosen(headers, profiles)
    if likeliest is None:
        candidates = [(profile, layout) for profile in profiles for layout in profile.layouts]
        raise ImportRefused(
            _refusal(candidates, index, headers, file_name, path or Path(file_name.partition(", sheet ")[0]))
        )
    profile, layout = likeliest
    _refuse_identities(profile, layout)
    recognised = Recognised(profile, layout, _found(layout, index))
    _refuse_absent(recognised, headers, file_name)
    return recognised


def _refuse_absent(found: Recognised, headers: Sequence[str], file_name: str) -> None:
    """A field that no row can do without must be there; so must every single column that one's own profile names.

    So must, whoever wrote the profile, what takes fees off, leaves rows out or makes a customer nobody: passed over in
    silence it would make all sums wrong.
    """
    layout, absent = found.layout, {text.partition(" ")[0]: text for text in found.absent}
    resource = standard.ORDER_LINES if layout.resource == "orders" else layout.resource
    lacking = [
        group
        for group in NEEDED[resource]
        if all(field in absent or not (field in layout.columns or field in layout.constants) for field in group)
    ]
    wanted = [absent[field] for group in lacking for field in group if field in absent]
    if not wanted and found.profile.basis == "own":
        wanted = [text for field, text in absent.items() if not isinstance(layout.columns[field], list)]
    wanted += [
        f"{rule} ({column})"
        for rule, column in layout.rules
        if isinstance(column, str) and column not in found.index and f"{rule} ({column})" not in wanted
    ]
    if wanted:
        shown = ", ".join(header[:30] for header in headers[:12]) + (" …" if len(headers) > 12 else "")
        raise ImportRefused(
            f"{file_name}, line 1: {found.profile.title} ({layout.name}) reads {'; '.join(wanted)}, and the file has "
            f"no such column. Its columns are: {shown}. Nothing was imported. Mend your own profile, or copy the "
            'shipped one and write the right name; a column that may be missing is written as a list: ["Name"].'
        )


def _refuse_identities(profile: Profile, layout: Layout) -> None:
    """A title may stand in a column `Name` of events; elsewhere a name or an address must not be kept."""
    if layout.resource == standard.EVENTS:
        return
    for name in layout.columns:
        field = standard.field(standard.ORDER_LINES, name)
        if field is None or field.type != "string" or not field.stored or field.one_of or name == "customer_key":
            continue
        for way in layout.columns_of(name):
            for column in way.names:
                if plain(column).replace("_", " ") in _IDENTITIES:
                    raise ImportRefused(
                        f"The profile {profile.name} ({layout.name}) takes the column {column!r} for {name}, which is "
                        "kept; names, addresses and telephone numbers are not. Map another column, or none."
                    )


def holds_data(headers: Sequence[str]) -> bool:
    """Whether a first line has an address, a number or a date in it, and so is a row and no header."""
    return any(_DATA_LIKE.search(header.strip()) for header in headers)


def names_columns(headers: Sequence[str]) -> bool:
    """Whether a first line has a word that columns are called by; one without may be a customer's row."""
    return any(_HEADER_WORDS & set(re.findall(r"[^\W\d_]+", plain(header))) for header in headers)


def _missing(layout: Layout, index: dict[str, int]) -> list[str]:
    return [header for header in layout.recognise if plain(header) not in index]


def _nearest(candidates: Sequence[tuple[Profile, Layout]], index: dict[str, int]) -> tuple[Profile, Layout] | None:
    """The layout that a file most nearly fits; None where none is near.

    Near is one of which no more than half of the columns are missing; of a shipped one two are there besides, for a
    column of e-mail addresses is no system's own. Of a profile that was asked for one that is there is enough.
    """
    asked = len({profile.name for profile, _ in candidates}) == 1

    def is_near(profile: Profile, layout: Layout) -> bool:
        missing = len(_missing(layout, index))
        there = len(layout.recognise) - missing
        return there > 0 if asked else there >= (1 if profile.basis == "own" else 2) and missing <= there

    near = [pair for pair in candidates if is_near(*pair)]
    return min(near, key=lambda pair: len(_missing(pair[1], index)) / len(pair[1].recognise), default=None)


def _refusal(
    candidates: Sequence[tuple[Profile, Layout]],
    index: dict[str, int],
    headers: Sequence[str],
    file_name: str,
    path: Path,
) -> str:
    if nearest := _nearest(candidates, index):
        profile, layout = nearest
        missing = _missing(layout, index)
        return (
            f"{file_name}, line 1: nearest to {profile.title} ({layout.name}), but without the "
            f"column{'s' if len(missing) > 1 else ''} {', '.join(repr(name) for name in missing[:5])}. "
            f"Export again with all columns, or describe the file once: kudos-node profile new {shlex.quote(str(path))}"
        )
    if holds_data(headers):
        return (
            f"{file_name}, line 1: there stands data and not the names of {len(headers)} columns. Export again with a "
            "header line."
        )
    titles = {profile.name: profile.title for profile, _ in candidates}
    wanted = next(iter(titles.values())) if len(titles) == 1 else "no system that I know"
    names = names_columns(headers)
    shown = ": " + ", ".join(header[:30] for header in headers[:4]) + " …" if names else ""
    return (
        f"{file_name}, line 1: {wanted} does not write a first line like this ({len(headers)} columns{shown}). "
        "See `kudos-node systems`, or describe the file once, which is soon done: "
        f"kudos-node profile new {shlex.quote(str(path))}"
    ).replace("no system that I know does not write", "no system that I know writes")
