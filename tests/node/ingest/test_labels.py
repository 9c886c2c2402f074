"""No label that is kept says who anybody is, however it is spelled; and what is a label stays one."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.ingest.column import unfit
from node.ingest.masked import identity_in
from tests.node.ingest.house import asked, csv, import_, new_home

LABELS = [
    *("Voksen", "Barn (0-15 år)", "Student/honnør", "Familie 2+2", "Voksen + 2 barn", "20 % rabatt", "10-kort 1 250,-"),
    *("450,-", "kr 450,-", "450.00", "450.00/350.00", "450/350/250", "kr 450,00 / 350,00 / 250,00", "100 000 kr"),
    *("12.10.2025", "12.10.25", "22.10.25 19.00", "2025-10-12 19:00", "2025-10-12T19:00:00", "12.10.2025 kl. 19.00"),
    *("22.10.2025 19:00-21:30", "22.10.2025 250,-", "31.12.2025 – 02.01.2026", "18.-20. mars 2025", "21.00-23.00"),
    *("2024-2025", "Sesong 2025/2026", "2024/25", "80-tallet: 1980-1989", "kl 21:00–23:00", "24/7"),
    *("Rad 12-14", "Rad 10 11 12", "Parkett rad 1-10", "Sone 1", "1 200 plasser", "450\u00a0kr", "1\u202f200 kr"),
    *("E-10023", "Event 123456", "1234567", "1000001", "BWV 1001-1006", "Symfoni nr. 5 (1808) 1-4"),
    *("DJ @ Blå", "Live at Rockefeller", "Breakfast at Tiffany's", "Meet me at St.Hanshaugen", "Aften (at)"),
    *("Peer Gynt – urpremiere", "Nr. 9, op. 125", "H. C. Andersen (a) scene"),
]

SEPARATORS = ["", " ", ".", "/", "-", "\u00a0", "\u2009", "\u202f", "\u2010", "\u2011", "–", "—", "−", " - ", ". ", "·"]
PAIRS, THIRDS, HALVES, WHOLE = (2, 2, 2, 2), (3, 2, 3), (4, 4), (8,)


def grouped(digits: str, sizes: tuple[int, ...], between: list[str]) -> str:
    """Digits in groups, with separators between them."""
    text, place = "", 0
    for number, size in enumerate(sizes):
        text += (between[number - 1] if number else "") + digits[place : place + size]
        place += size
    return text


def wide(text: str) -> str:
    """ASCII in full width."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


@st.composite
def telephones(draw: st.DrawFn) -> str:
    """A mobile number; those of landlines that look like a time or a day are taken for one."""
    digits = draw(st.sampled_from("49")) + draw(st.from_regex(r"[0-9]{7}", fullmatch=True))
    sizes = draw(st.sampled_from([PAIRS, THIRDS, HALVES, WHOLE, (3, 5)]))
    number = grouped(digits, sizes, draw(st.lists(st.sampled_from(SEPARATORS), min_size=4, max_size=4)))
    country = draw(st.sampled_from(["", "+47", "+47 ", "0047", "0047-", "(+47) ", "47 ", "+47\u00a0", "+47."]))
    if draw(st.booleans()) and len(sizes) > 1:
        number = f"({number[: sizes[0]]}){number[sizes[0] :]}"
    return country + number


@st.composite
def landlines(draw: st.DrawFn) -> str:
    """A number of a landline, in the usual groups."""
    digits = draw(st.sampled_from(["22", "51", "63", "77"])) + draw(st.from_regex(r"[0-9]{6}", fullmatch=True))
    return grouped(digits, draw(st.sampled_from([PAIRS, WHOLE])), [draw(st.sampled_from(["", " ", "\u00a0", "."]))] * 3)


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    """A number of birth, a D-number or a synthetic one, with any digits of check."""
    day = draw(st.integers(1, 31)) + draw(st.sampled_from([0, 40]))
    month = draw(st.integers(1, 12)) + draw(st.sampled_from([0, 40, 65, 80]))
    rest = draw(st.from_regex(r"[0-9]{7}", fullmatch=True))
    between = draw(st.sampled_from(["", " ", "-", "\u00a0", "\u2009", "–", ".", " - "]))
    return f"{day:02}{month:02}{rest[:2]}{between}{rest[2:]}"


@st.composite
def addresses(draw: st.DrawFn) -> str:
    """An address, with the signs that people and web pages write for the one in its middle."""
    name = draw(st.from_regex(r"[a-zæøå]{1,8}(\.[a-z]{1,8})?", fullmatch=True))
    domain = draw(st.sampled_from(["example.no", "localhost", "epost.example.com"]))
    at = draw(
        st.sampled_from(["@", "＠", "﹫", "(at)", " (at) ", "[at]", " [AT] ", " at ", " At ", "(a)", "(krøllalfa)"])
    )
    return f"{name}{at}{domain}"


SURROUNDINGS = st.sampled_from(
    [
        ("", ""),
        ("Voksen ", ""),
        ("", " Barn"),
        ("Ring ", ", takk"),
        ("Rad 5: ", ""),
        ("450,- ", ""),
        ("(", ")"),
        ("nr.", ";"),
    ]
)


@settings(max_examples=200, deadline=None)  # the first example compiles the patterns
@given(st.one_of(telephones(), landlines(), identity_numbers(), addresses()), SURROUNDINGS, st.booleans())
def test_an_identity_in_a_label_is_found(identity: str, around: tuple[str, str], is_wide: bool) -> None:
    label = around[0] + (wide(identity) if is_wide else identity) + around[1]
    assert identity_in(label) is not None
    assert 0 in unfit(pa.array([label]), label=True)


@pytest.mark.parametrize("label", LABELS)
def test_a_label_is_kept(label: str) -> None:
    assert identity_in(label) is None
    assert unfit(pa.array([label]), label=True) == {}


@given(st.text(max_size=60))
def test_what_is_doubtful_is_looked_at(label: str) -> None:
    """Labels are looked at closely only if they have digits or a sign of an address; none is passed over."""
    assert identity_in(label) is None or 0 in unfit(pa.array([label]), label=True)


HEAD = "order_id;line_id;ordered_at;event_id;event_title;event_start;ticket_type;price_zone;amount\n"
ROW = "{order};1;2025-03-01 18:00;{event};{title};2025-05-01 19:00;{kind};{zone};100.00\n"
PLANTED = [
    *("01019012345", "010190 12345", "410190 12345", "010190\u00a012345", "０１０１９０１２３４５"),
    *("912.34.567", "912/34/567", "91\u00a023\u00a045\u00a067", "(912)34567", "+47(912)34567", "0047-912-34-567"),
    *("91‑23‑45‑67", "912—34—567", "ola＠example.no", "ola(at)example.no", "ola at example.no", "ola@localhost"),
]


def test_none_of_them_is_stored_and_labels_are(tmp_path: Path) -> None:
    home = new_home(tmp_path / "home")
    kept = [label for label in LABELS if '"' not in label]
    text = HEAD + "".join(
        ROW.format(order=f"G{number}", event=f"E{number}", title=label, kind=label, zone=label)
        for number, label in enumerate(kept)
    )
    for number, planted in enumerate(PLANTED):
        for field in ("title", "kind", "zone"):
            values = {"title": "Peer Gynt", "kind": "Voksen", "zone": "Sone 1", field: f"For {planted}"}
            text += ROW.format(order=f"B{number}{field}", event=f"P{number}", **values)
    report = import_(home, csv(tmp_path, "salg.csv", text), max_rejects=1.0)
    assert (report.files[0].lines_new, report.files[0].rejected) == (len(kept), 3 * len(PLANTED))
    stored = asked(home, "SELECT ticket_type, price_zone, event_title FROM order_lines JOIN events USING (event_id)")
    plain = {label.replace("\u00a0", " ").replace("\u202f", " ") for label in kept}
    assert {cell.replace("\u00a0", " ").replace("\u202f", " ") for row in stored for cell in row} == plain
    assert report.reject_file is not None
    told = Path(report.reject_file).read_text(encoding="utf-8")
    for path in home.path.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not any(planted.encode() in content for planted in PLANTED)
    assert not any(planted in told for planted in PLANTED)
