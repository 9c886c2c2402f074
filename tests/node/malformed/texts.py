"""Text files that are cut off, wrongly encoded, put together from two, or not text at all."""

from random import Random

from tests.node.malformed.base import HEADER, ROWS, Becomes, Malformed, plain, text, with_cell

SAME, REFUSED, EITHER = Becomes.SAME, Becomes.REFUSED, Becomes.EITHER


def truncated(draw: Random) -> Malformed:
    content = plain().encode()
    return Malformed("truncated.csv", content[: draw.randrange(len(content))], EITHER)


def encoded(draw: Random) -> Malformed:
    encoding, becomes = draw.choice(
        [
            ("utf-8-sig", SAME),
            ("utf-16", SAME),
            ("windows-1252", SAME),
            ("iso-8859-1", SAME),
            ("utf-16-le", EITHER),
            ("utf-16-be", EITHER),
            ("utf-32", EITHER),
            ("mac-roman", EITHER),
            ("cp865", EITHER),
            ("utf-7", EITHER),
        ]
    )
    return Malformed(f"{encoding}.csv", plain().encode(encoding), becomes)


def two_encodings(draw: Random) -> Malformed:
    lines = plain().splitlines(keepends=True)
    content = b"".join(line.encode(draw.choice(["utf-8", "windows-1252", "cp865", "utf-16-le"])) for line in lines)
    return Malformed("two-encodings.csv", content, EITHER)


def flipped(draw: Random) -> Malformed:
    content = bytearray(plain().encode())
    for _ in range(draw.randrange(1, 30)):
        content[draw.randrange(len(content))] = draw.randrange(256)
    return Malformed("flipped.csv", bytes(content), EITHER)


def line_ends(draw: Random) -> Malformed:
    lines = plain().splitlines()
    content = "".join(line + draw.choice(["\n", "\r\n", "\n\n", "\r\n\r\n"]) for line in lines)
    return Malformed("line-ends.csv", content.encode(), SAME)


def lone_returns(draw: Random) -> Malformed:
    return Malformed("lone-returns.csv", plain().replace("\n", "\r").encode(), EITHER)


def quotes(draw: Random) -> Malformed:
    lines = plain().splitlines(keepends=True)
    for _ in range(draw.randrange(1, 4)):
        number = draw.randrange(1, len(lines))
        place = draw.randrange(len(lines[number]))
        lines[number] = lines[number][:place] + '"' + lines[number][place:]
    return Malformed("quotes.csv", "".join(lines).encode(), EITHER)


def quoted(draw: Random) -> Malformed:
    rows = [[f'"{cell}"' if draw.random() < 0.5 else cell for cell in row] for row in (HEADER, *ROWS)]
    return Malformed("quoted.csv", text(rows).encode(), SAME)


def columns_in_another_order(draw: Random) -> Malformed:
    order = draw.sample(range(len(HEADER)), len(HEADER))
    rows = [[row[place] for place in order] for row in (HEADER, *ROWS)]
    return Malformed("order.csv", text(rows).encode(), SAME)


def swapped_columns(draw: Random) -> Malformed:
    one, other = draw.sample(range(len(HEADER)), 2)
    rows = [list(row) for row in ROWS]
    for row in rows:
        row[one], row[other] = row[other], row[one]
    return Malformed("swapped.csv", text([HEADER, *rows]).encode(), EITHER)


def nulls(draw: Random) -> Malformed:
    value = draw.choice(["\0", "NULL", "\\N", "null", "NaN", "#N/A", "None", "\0" * 50, "-", "0000-00-00 00:00:00"])
    return Malformed("nulls.csv", text(with_cell(draw, value)).encode(), EITHER)


def null_bytes(draw: Random) -> Malformed:
    content = bytearray(plain().encode())
    for _ in range(draw.randrange(1, 20)):
        content.insert(draw.randrange(len(content)), 0)
    return Malformed("null-bytes.csv", bytes(content), EITHER)


def huge_field(draw: Random) -> Malformed:
    value = draw.choice(["x", "9", "æ", "x,", "x\n", '""']) * draw.choice([10_000, 200_000, 1_500_000])
    rows = with_cell(draw, draw.choice([value, f'"{value}"']))
    return Malformed("huge-field.csv", text(rows).encode(), EITHER)


def many_columns(draw: Random) -> Malformed:
    more = [f"c{number}" for number in range(draw.choice([500, 5_000]))]
    rows = [[*HEADER, *more], *([*row, *[""] * len(more)] for row in ROWS)]
    return Malformed("many-columns.csv", text(rows).encode(), SAME)


def ragged(draw: Random) -> Malformed:
    rows = [list(row) for row in ROWS]
    for row in draw.sample(rows, draw.randrange(1, 10)):
        row[:] = row[: draw.randrange(len(row))] if draw.random() < 0.5 else [*row, "more", "and more"]
    return Malformed("ragged.csv", text([HEADER, *rows]).encode(), EITHER)


def delimiters(draw: Random) -> Malformed:
    delimiter = draw.choice([";", "\t", "|"])
    if draw.random() < 0.5:
        return Malformed("delimiter.csv", text([HEADER, *ROWS], delimiter).encode(), SAME)
    lines = [text([row], draw.choice([",", delimiter])) for row in (HEADER, *ROWS)]
    return Malformed("delimiters.csv", "".join(lines).encode(), EITHER)


def header(draw: Random) -> Malformed:
    names = draw.choice(
        [
            [],
            [*HEADER[:-1], HEADER[0]],
            [name.upper() for name in HEADER],
            ["" for _ in HEADER],
            ["amount" for _ in HEADER],
            [f" {name} " for name in HEADER],
            ["\ufeff" + HEADER[0], *HEADER[1:]],
        ]
    )
    return Malformed("header.csv", text([names, *ROWS] if names else ROWS).encode(), EITHER)


def twice(draw: Random) -> Malformed:
    rows = [*ROWS, *draw.sample(ROWS, draw.randrange(1, len(ROWS)))]
    return Malformed("twice.csv", text([HEADER, *draw.sample(rows, len(rows))]).encode(), SAME)


def sums(draw: Random) -> Malformed:
    total = [["Sum", "", "", "", "", "", "8000.00", "", ""], ["" for _ in HEADER]]
    return Malformed("sums.csv", text([HEADER, *ROWS, *total]).encode(), EITHER)


def noise(draw: Random) -> Malformed:
    content = draw.randbytes(draw.choice([0, 1, 10, 1_000, 300_000]))
    if draw.random() < 0.5:
        content = text([HEADER]).encode() + content
    return Malformed("noise.csv", content, EITHER if content[:8] == b"order_id" else REFUSED)


FAMILIES = (
    truncated, truncated, encoded, encoded, two_encodings, flipped, flipped, line_ends, lone_returns, quotes, quotes,
    quoted, columns_in_another_order, swapped_columns, nulls, null_bytes, huge_field, many_columns, ragged, delimiters,
    header, twice, sums, noise,
)  # fmt: skip
"""One maker each; those whose files differ most by chance stand here twice."""
