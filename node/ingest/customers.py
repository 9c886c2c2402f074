"""Profiles of customers, from a file of customers or from the columns of one of sales."""

from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from node.ingest import standard, values, words
from node.ingest.column import Column, combined
from node.ingest.people import Gatherer, Identities, people
from node.ingest.places import UNKNOWN, county_of
from node.ingest.reading import Reading

_FIELDS = (
    "customer_key",
    "email",
    "phone",
    "birth_year",
    "gender",
    "postcode",
    "country",
    "segment",
    "customer_type",
    "objects",
    "consents",
)


def telling(reading: Reading) -> list[Column]:
    """The columns of a file that tell of its customers."""
    columns = reading.columns(_FIELDS)
    anonymous = reading.layout.anonymous
    if anonymous is not None and (told := reading.named(anonymous.column)) is not None:
        columns.append(told)
    return columns


def profiles(reading: Reading, identities: Identities) -> pa.Table:
    """The profile that every row tells of.

    Columns: its key (null where the row names nobody), its match id, two flags of that, and those attributes that the
    file has; an attribute is null where the row does not tell.
    """
    found = people(
        reading.column("customer_key"), reading.column("email"), reading.column("phone"), reading.rows, identities
    )
    key = found.customer_key
    anonymous = reading.layout.anonymous
    if anonymous is not None:
        nobody = pa.array(reading.matching(anonymous))
        key = pc.if_else(nobody, pa.scalar(None, pa.string()), key)
    columns = {
        "customer_key": key,
        "match_id": found.match_id,
        "placeholder": found.placeholder,
        "by_phone": found.by_phone,
    }
    for name, (kind, parse) in _attributes(reading).items():
        if reading.column(name) is not None:
            columns[name] = reading.parsed(name, parse, kind)
    if reading.column("postcode") is not None or reading.column("country") is not None:
        columns["county"] = _county(reading)
    if identities.gathered is not None:
        _gather(reading, identities.gathered, columns)
    return pa.table(columns)


def _gather(reading: Reading, gathered: Gatherer, columns: dict[str, pa.Array]) -> None:
    """Hands on, in memory, what the probabilistic join compares; placeholders are nobody."""
    somebody = pc.and_(pc.is_valid(columns["customer_key"]), pc.invert(columns["placeholder"]))
    ids = pc.if_else(somebody, columns["match_id"], pa.scalar(None, columns["match_id"].type))
    years = columns.get("birth_year", pa.nulls(reading.rows, pa.int16()))
    texts = (_texts(reading, name) for name in ("email", "phone", "postcode"))
    emails, phones, postcodes = texts
    gathered.add(ids.to_pylist(), emails, phones, years.to_pylist(), postcodes)


def _attributes(reading: Reading) -> dict[str, tuple[pa.DataType, values.Parser]]:
    genders = _told(values.mapped(reading.layout, "gender", words.GENDERS, "unknown"))
    segments = _told(values.mapped(reading.layout, "segment", {word: word for word in standard.SEGMENTS}, "unknown"))
    types = {word: word for word in standard.CUSTOMER_TYPES}
    return {
        "birth_year": (pa.int16(), values.birth_year),
        "gender": (pa.string(), genders),
        "segment": (pa.string(), segments),
        "customer_type": (pa.string(), _told(values.mapped(reading.layout, "customer_type", types, "unknown"))),
        "objects": (pa.bool_(), values.truth),
        "consents": (pa.bool_(), values.truth),
    }


def _told(parse: values.Parser) -> values.Parser:
    """None where a word says that it is unknown: that takes nothing back that an earlier row told."""

    def told(text: str) -> str | None:
        word: str = parse(text)
        return None if word == "unknown" else word

    return told


_county_of = lru_cache(maxsize=65_536)(county_of)


def _county(reading: Reading) -> pa.Array:
    """The county of each row's customer; null where the file does not tell."""
    columns = reading.columns(("postcode", "country"))
    rows, places = combined(columns, reading.rows)
    distinct = reading.at(rows)
    postcodes, countries = _texts(distinct, "postcode"), _texts(distinct, "country")
    found = [
        _county_of(postcode, country) if postcode or country else UNKNOWN
        for postcode, country in zip(postcodes, countries, strict=True)
    ]
    told = pa.array([None if county == UNKNOWN else county for county in found], pa.string())
    return told.take(pa.array(places))


def _texts(reading: Reading, field: str) -> list[str]:
    column = reading.column(field)
    if column is None:
        return [""] * reading.rows
    return list(column.rows.to_pylist())
