"""JSON that is cut off, deep, wide, or not quite JSON."""

import json
from random import Random

from tests.node.malformed.base import HEADER, ROWS, Becomes, Malformed

SAME, REFUSED, EITHER = Becomes.SAME, Becomes.REFUSED, Becomes.EITHER
RECORDS = [dict(zip(HEADER, row, strict=True)) for row in ROWS]


def _file(content: object, becomes: Becomes, name: str = "sales.json") -> Malformed:
    return Malformed(name, json.dumps(content).encode(), becomes)


def truncated(draw: Random) -> Malformed:
    content = json.dumps(RECORDS).encode()
    return Malformed("truncated.json", content[: draw.randrange(1, len(content))], REFUSED)


def deep(draw: Random) -> Malformed:
    depth = draw.choice([50, 900, 5_000, 200_000])
    one, other = draw.choice([("[", "]"), ('{"a":', "}"), ('[{"Data":', "}]")])
    return Malformed("deep.json", (one * depth + "1" + other * depth).encode(), REFUSED)


def deep_value(draw: Random) -> Malformed:
    depth = draw.choice([10, 400, 3_000])
    value = json.dumps(RECORDS)[:-2] + ',"extra":' + '{"a":' * depth + "1" + "}" * depth + "}]"
    return Malformed("deep-value.json", value.encode(), EITHER)


def pages(draw: Random) -> Malformed:
    half = draw.randrange(1, len(RECORDS))
    return _file([{"Data": RECORDS[:half], "Next": "x"}, {"Data": RECORDS[half:], "Next": None}], SAME, "pages.json")


def odd_values(draw: Random) -> Malformed:
    records = [dict(each) for each in RECORDS]
    value = draw.choice(
        [None, True, 1e308, -0.0, [], {}, [1, [2]], {"a": {"b": 1}}, "\ud800", "x" * 1_000_000, 10**400]
    )
    draw.choice(records)[draw.choice(HEADER)] = value  # type: ignore[assignment]
    return _file(records, EITHER, "odd.json")


def not_quite(draw: Random) -> Malformed:
    good = json.dumps(RECORDS)
    content = draw.choice(
        [
            good + ",",
            good.replace("}, {", "}\n{"),
            good.replace('"', "'"),
            good[:-1] + ",]",
            "// sales\n" + good,
            good + good,
            "NaN",
            "[NaN]",
            '"text"',
            "[]",
            "{}",
            "[[1, 2], [3, 4]]",
            '{"Data": 5}',
        ]
    )
    return Malformed("not-quite.json", content.encode(), REFUSED)


def encoded(draw: Random) -> Malformed:
    encoding, becomes = draw.choice([("utf-8-sig", SAME), ("utf-16", EITHER), ("windows-1252", EITHER)])
    return Malformed(f"{encoding}.json", json.dumps(RECORDS, ensure_ascii=False).encode(encoding), becomes)


def keys(draw: Random) -> Malformed:
    content = json.dumps(RECORDS).replace('"state"', draw.choice(['"order_id"', '""', '"amount"', '"state "']))
    return Malformed("keys.json", content.encode(), EITHER)


FAMILIES = (truncated, deep, deep_value, pages, odd_values, odd_values, not_quite, encoded, keys)
