"""Profiles proposed for exports that nobody knows, in five languages and many ways to write a date and an amount."""

from pathlib import Path

import pytest

from node.errors import ImportRefused
from node.ingest import profile
from node.ingest.propose import headers
from node.ingest.propose.draft import Answers, Draft, Refused, draft
from node.ingest.propose.look import Look, looks
from node.ingest.propose.opening import opened
from node.ingest.propose.preview import Preview, preview
from node.ingest.propose.written import profile_text
from node.ingest.source import open_source
from tests.node.ingest.harmonised import DOCUMENTED
from tests.node.ingest.house import csv
from tests.node.ingest.xlsx import workbook

NORWEGIAN = (
    "Ordrenr;Linje;Bestilt;Klokka;Forestilling;Spilles;Billettype;Antall;Beløp;Gebyr;Kanal;Status;Kundenr;Epost;Mobil;"
    "Postnr;Fødselsdato\n"
    "1001;1;03.02.2025;18:20;Vildanden;21.03.2025 19:00;Voksen;2;1.250,-;0,-;Nett;Solgt;K17;kari@example.no;40612345;"
    "5003;12.05.1971\n"
    "1002;1;14.02.2025;11:05;Vildanden;21.03.2025 19:00;Honnør;1;320,-;0,-;Luka;Reservert;;;;;\n"
    "Dagsum;;14.02.2025;;;;;;1.570,-;;;;;;;;\n"
)
SWEDISH = """Ordernummer,Orderdatum,Föreställning,Biljettyp,Antal,Belopp,Försäljningskanal,Orderstatus,E-post,Postnummer
7001,2025-02-13 18:20,Fröken Julie,Ordinarie,2,790.50,Webbshop,Betald,kari@example.se,11122
7002,2025-02-14 11:05,Fröken Julie,Pensionär,1,320.00,Biljettkassa,Avbokad,,
"""
DANISH = """Bestillingsnr;Købsdato;Forestilling;Billettype;Antal;Beløb;Salgskanal;Status;E-mail;Postnr
7001;13-02-2025 18:20;Elverhøj;Voksen;2;790,50;Web;Betalt;kari@example.dk;5003
7002;14-02-2025 11:05;Elverhøj;Pensionist;1;1.320,00;Billetluge;Refunderet;;
"""
ENGLISH = """Booking reference,Booked at,Event name,Event start,Ticket type,Qty,Total,Channel,Order status,Email,ZIP
B-7001,02/13/2025 06:20 PM,Hedda,03/21/2025 07:00 PM,Adult,2,"1,790.50",Online,Paid,kari@example.no,5003
B-7002,02/14/2025 11:05 AM,Hedda,03/21/2025 07:00 PM,Child,1,320.00,Box office,Pending,,
"""
GERMAN = """Bestellnr;Bestelldatum;Veranstaltung;Kartenart;Anzahl;Gesamtpreis;Verkaufskanal;Status;E-Mail-Adresse;PLZ
7001;13.02.25 18.20;Nora;Erwachsene;2;790,50;Onlineshop;Bezahlt;kari@example.de;5003
7002;14.02.25 11.05;Nora;Rentner;1;320,00;Abendkasse;Storniert;;
"""


def proposed(folder: Path, content: str | bytes, answers: Answers | None = None, name: str = "salg.csv") -> Draft:
    """The draft of a file."""
    table = opened(csv(folder, name, content))
    return draft(table, looks(table), answers or Answers(), None)


def read(folder: Path, made: Draft, name: str = "salg.csv") -> Preview:
    """What the profile that the draft makes does with the same file: it is written, read again and tried."""
    table = opened(folder / name)
    return preview(table, profile.parse(profile_text("mitt", "Mitt", "Ours.", made), "mitt.toml"), "Europe/Oslo")


def cell(shown: Preview, name: str, row: int = 0) -> str:
    """A cell of a preview."""
    return dict(zip(shown.columns, shown.rows[row], strict=True))[name]


def fields(made: Draft) -> dict[str, str | None]:
    return {column.header: column.field for column in made.matched.columns}


@pytest.mark.parametrize(
    ("content", "encoding", "taken", "first"),
    [
        (NORWEGIAN, "cp1252", 2, ("1001", "2025-02-03 18:20", "Voksen", "ordinary", "2", "1250.00", "web", "paid")),
        (SWEDISH, "utf-8", 2, ("7001", "2025-02-13 18:20", "Ordinarie", "ordinary", "2", "790.50", "web", "paid")),
        (DANISH, "utf-8-sig", 2, ("7001", "2025-02-13 18:20", "Voksen", "ordinary", "2", "790.50", "web", "paid")),
        (ENGLISH, "utf-8", 2, ("B-7001", "2025-02-13 18:20", "Adult", "ordinary", "2", "1790.50", "web", "paid")),
        (GERMAN, "cp1252", 2, ("7001", "2025-02-13 18:20", "Erwachsene", "ordinary", "2", "790.50", "web", "paid")),
    ],
)  # fmt: skip
def test_five_languages(tmp_path: Path, content: str, encoding: str, taken: int, first: tuple[str, ...]) -> None:
    made = proposed(tmp_path, content.encode(encoding))
    assert made.missing == []
    shown = read(tmp_path, made)
    assert list(shown.rejects) == []
    assert shown.taken == taken
    row = dict(zip(shown.columns, shown.rows[0], strict=True))
    wanted = ("order_id", "ordered_at", "ticket_type", "ticket_category", "quantity", "amount", "channel", "state")
    assert tuple(row[name] for name in wanted) == first
    assert row["customer"].startswith("customer 1")


def test_every_column_has_a_field_or_a_reason(tmp_path: Path) -> None:
    made = proposed(tmp_path, NORWEGIAN.encode("windows-1252"))
    assert fields(made) == {
        "Ordrenr": "order_id", "Linje": "line_id", "Bestilt": "ordered_at", "Klokka": None,
        "Forestilling": "event_title", "Spilles": "event_start", "Billettype": "ticket_type", "Antall": "quantity",
        "Beløp": "amount", "Gebyr": None, "Kanal": "channel", "Status": "state", "Kundenr": "customer_key",
        "Epost": "email", "Mobil": "phone", "Postnr": "postcode", "Fødselsdato": "birth_year",
    }  # fmt: skip
    assert all(column.reason for column in made.matched.columns)
    assert made.layout["columns"]["ordered_at"] == {"join": ["Bestilt", "Klokka"]}
    assert made.layout["skip"] == [{"column": "Ordrenr", "values": ["Dagsum"]}]
    assert (made.layout["decimal"], made.layout["dates"]) == (",", ["%d.%m.%Y %H:%M"])


SMALL = "Ordrenr;Dato;Beløp;E-post\n"


@pytest.mark.parametrize(
    ("cell", "ore"),
    [
        ("1.250,-", "1250.00"), ("1 250,50", "1250.50"), ("1\u00a0250,50", "1250.50"), ("kr 395", "395.00"),
        ("395,00 kr", "395.00"), ("NOK 395.50", "395.50"), ("-395,00", "-395.00"), ("1'250,50", "1250.50"),
        ("395,00 NOK", "395.00"),
    ],
)  # fmt: skip
def test_amounts_however_they_are_written(tmp_path: Path, cell: str, ore: str) -> None:
    made = proposed(tmp_path, SMALL + f"1;03.02.2025;{cell};a@example.no\n2;14.02.2025;{cell};b@example.no\n")
    shown = read(tmp_path, made)
    assert [dict(zip(shown.columns, row, strict=True))["amount"] for row in shown.rows] == [ore, ore]


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("14.02.2025", "2025-02-14 00:00"), ("14.02.25", "2025-02-14 00:00"),
        ("14/02/2025 18:20", "2025-02-14 18:20"),
        ("02/14/2025", "2025-02-14 00:00"), ("14-02-2025 18.20", "2025-02-14 18:20"),
        ("2025/02/14", "2025-02-14 00:00"),
        ("14.02.2025 kl. 18.20", "2025-02-14 18:20"), ("20250214", "2025-02-14 00:00"),
        ("2025-02-14T18:20:00+01:00", "2025-02-14 18:20"), ("2025-02-14 18:20:11", "2025-02-14 18:20"),
        ("4.2.2025 9:05", "2025-02-04 09:05"),
    ],
)  # fmt: skip
def test_dates_however_they_are_written(tmp_path: Path, cell: str, moment: str) -> None:
    made = proposed(tmp_path, SMALL + f"1;{cell};100,00;a@example.no\n")
    assert made.missing == []
    shown = read(tmp_path, made)
    assert [dict(zip(shown.columns, row, strict=True))["ordered_at"] for row in shown.rows] == [moment]


def test_whether_day_or_month_comes_first_is_asked_where_nothing_shows_it(tmp_path: Path) -> None:
    content = SMALL + "1;03/04/2025;100,00;a@example.no\n2;05/06/2025;100,00;b@example.no\n"
    made = proposed(tmp_path, content)
    assert [question.about for question in made.missing] == ["dates"]
    for order, day in (("day", "2025-04-03 00:00"), ("month", "2025-03-04 00:00")):
        answered = proposed(tmp_path, content, Answers(order=order))
        assert answered.missing == []
        shown = read(tmp_path, answered)
        assert dict(zip(shown.columns, shown.rows[0], strict=True))["ordered_at"] == day
    settled = proposed(tmp_path, content + "3;25/06/2025;100,00;c@example.no\n")
    assert (settled.missing, settled.layout["dates"]) == ([], ["%d/%m/%Y"])


def test_an_amount_that_may_be_thousands_is_asked_about_and_never_guessed(tmp_path: Path) -> None:
    content = SMALL.replace(";", "\t") + "1\t03.02.2025\t1.250\ta@example.no\n"
    made = proposed(tmp_path, content)
    assert "decimal" in [question.about for question in made.questions]
    assert "decimal" not in made.layout
    assert "may mean thousands" in read(tmp_path, made).rejects[0].reason
    told = proposed(tmp_path, content, Answers(decimal=","))
    assert cell(read(tmp_path, told), "amount") == "1250.00"


def test_rows_of_several_tickets_show_whether_the_amount_is_of_one(tmp_path: Path) -> None:
    head = "Ordrenr;Dato;Billettype;Antall;Beløp\n"
    one = "".join(f"{number};14.02.2025;Voksen;1;400,00\n" for number in range(3))
    unit = proposed(tmp_path, head + one + "".join(f"{n};14.02.2025;Voksen;2;400,00\n" for n in range(5, 9)))
    assert unit.layout["amount"] == "unit"
    line = proposed(tmp_path, head + one + "".join(f"{n};14.02.2025;Voksen;2;800,00\n" for n in range(5, 9)))
    assert "amount" not in line.layout
    assert "amount" not in [question.about for question in line.questions]
    unknown = proposed(tmp_path, head + "1;14.02.2025;Voksen;2;777,00\n")
    assert "amount" in [question.about for question in unknown.questions]


@pytest.mark.parametrize(("total", "found"), [("820,00", "Gebyr"), ("800,00", None)])
def test_unit_price_and_quantity_show_whether_fees_are_in_the_amount(
    tmp_path: Path, total: str, found: str | None
) -> None:
    head = "Ordrenr;Dato;Antall;Pris;Gebyr;Beløp\n"
    made = proposed(tmp_path, head + "".join(f"{n};14.02.2025;2;400,00;20,00;{total}\n" for n in range(4)))
    assert made.layout.get("fees") == found
    assert made.questions == []
    asked = proposed(tmp_path, "Ordrenr;Dato;Gebyr;Beløp\n1;14.02.2025;20,00;820,00\n")
    assert [question.about for question in asked.questions] == ["fees"]


def test_amounts_in_ore_are_told_by_the_header(tmp_path: Path) -> None:
    made = proposed(tmp_path, "Ordrenr;Dato;Beløp øre\n1;14.02.2025;39500\n")
    assert made.layout["money"] == "ore"
    assert cell(read(tmp_path, made), "amount") == "395.00"


def test_a_word_that_means_no_state_is_asked_about(tmp_path: Path) -> None:
    content = "Ordrenr;Dato;Beløp;Status\n1;14.02.2025;100,00;Oppgjort\n2;14.02.2025;100,00;Reservert\n"
    made = proposed(tmp_path, content)
    assert [question.about for question in made.questions] == ["value:state:Oppgjort"]
    assert len(read(tmp_path, made).rejects) == 1
    told = proposed(tmp_path, content, Answers(values={"state": {"Oppgjort": "paid"}}))
    assert told.questions == []
    assert list(read(tmp_path, told).rejects) == []


def test_what_is_needed_and_not_found_is_asked_for(tmp_path: Path) -> None:
    content = "Aaa;Dato;Beløp\nx1;14.02.2025;100,00\n"
    made = proposed(tmp_path, content)
    assert [question.about for question in made.missing] == ["column:order_id"]
    told = proposed(tmp_path, content, Answers(columns={"aaa": "order_id"}))
    assert told.missing == []
    assert told.layout["columns"]["order_id"] == "Aaa"
    for wrong in ({"Bbb": "order_id"}, {"Aaa": "ordre"}):
        with pytest.raises(Refused):
            proposed(tmp_path, content, Answers(columns=wrong))


def test_an_answer_frees_the_column_that_had_the_field(tmp_path: Path) -> None:
    content = "Ordrenr;Dato;Sum;Total\n1;14.02.2025;100,00;90,00\n"
    first = fields(proposed(tmp_path, content))
    assert [name for name in ("Sum", "Total") if first[name] == "amount"] == ["Sum"]
    assert "column:amount" in [question.about for question in proposed(tmp_path, content).questions]
    told = fields(proposed(tmp_path, content, Answers(columns={"Total": "amount"})))
    assert (told["Sum"], told["Total"]) == (None, "amount")


def test_a_file_of_customers_and_one_of_events(tmp_path: Path) -> None:
    customers = proposed(tmp_path, "Kundenr;Fornavn;E-post;Postnr;Kjønn\nK1;Kari;kari@example.no;5003;K\n")
    assert customers.layout["resource"] == "customers"
    assert customers.layout["columns"] == {
        "customer_key": "Kundenr", "email": "E-post", "gender": "Kjønn", "postcode": "Postnr",
    }  # fmt: skip
    events = proposed(tmp_path, "Nr;Tittel;Spilledato;Sal;Kapasitet\n7;Hedda;21.03.2025 19:00;Hovedscenen;420\n")
    assert events.layout["resource"] == "events"
    assert set(events.layout["columns"]) == {"event_id", "event_title", "event_start", "venue", "capacity"}
    assert read(tmp_path, events).taken == 1


def test_excel_and_nested_json(tmp_path: Path) -> None:
    rows: list[list[str | int | float | None]] = [["Ordrenr", "Dato", "Beløp"], [1, "14.02.2025", 395.5]]
    made = proposed(tmp_path, workbook(rows), name="salg.xlsx")
    assert dict(made.layout["columns"]) == {"order_id": "Ordrenr", "ordered_at": "Dato", "amount": "Beløp"}
    assert cell(read(tmp_path, made, "salg.xlsx"), "amount") == "395.50"
    nested = opened(DOCUMENTED / "tessitura.orders.json")
    assert nested.within == "LineItems.SubLineItems"
    assert draft(nested, looks(nested), Answers(), None).layout["rows"] == "LineItems.SubLineItems"


PRETIX = DOCUMENTED.parent / "pretix"


def test_real_output_of_pretix(tmp_path: Path) -> None:
    table = opened(PRETIX / "positions.nb.comma.csv")
    made = draft(table, looks(table), Answers(), None)
    assert made.missing == []
    assert {question.about for question in made.questions} == {
        "value:state:pending (confirmed)", "value:state:Godkjenning venter",
    }  # fmt: skip
    shipped = next(each for each in profile.shipped()["pretix"].layouts if each.name == "positions, Norwegian")
    columns = made.layout["columns"]
    for field in ("order_id", "line_id", "event_start", "ticket_type", "state", "channel", "email", "phone"):
        assert columns[field] == shipped.columns[field]
    assert columns["ordered_at"] == {"join": ["Ordredato", "Ordre tid"]}
    assert columns["postcode"] == shipped.columns["postcode"]
    orders = opened(PRETIX / "orders.en.semicolon.csv")
    whole = draft(orders, looks(orders), Answers(), None)
    assert {"resource", "fees"} <= {question.about for question in whole.questions}


def test_a_number_that_is_the_same_in_all_rows_is_nobodys(tmp_path: Path) -> None:
    rows = "".join(f"{number};14.02.2025;100,00;77\n" for number in range(12))
    made = proposed(tmp_path, f"Ordrenr;Dato;Beløp;Kundenr\n{rows}")
    assert fields(made)["Kundenr"] is None


def test_headers_that_stand_twice_are_told_apart(tmp_path: Path) -> None:
    made = proposed(tmp_path, "Ordrenr;Dato;Dato;Beløp\n1;14.02.2025;01.01.2025;100,00\n")
    assert list(fields(made)) == ["Ordrenr", "Dato", "Dato#2", "Beløp"]


def test_a_preview_shows_no_address_no_number_and_no_name(tmp_path: Path) -> None:
    content = "Ordrenr;Dato;Beløp;Kunde;E-post;Mobil\n1;14.02.2025;100,00;Kari Nordmann;kari@example.no;40612345\n"
    shown = repr(read(tmp_path, proposed(tmp_path, content)).rows)
    for secret in ("kari", "Nordmann", "40612345"):
        assert secret not in shown


def test_the_text_of_a_profile_survives_every_header(tmp_path: Path) -> None:
    odd = ['Ordre "nr"', "Da\\to", "Beløp # kr", "E-post\t"]
    table = opened(csv(tmp_path, "a.csv", "Ordre;y\n1;2\n"))
    columns = [Look(header, place, ["1", "2"]) for place, header in enumerate(odd)]
    answers = Answers(columns=dict(zip(odd, ("order_id", "ordered_at", "amount", "email"), strict=True)))
    made = draft(table, columns, answers, None)
    text = profile_text("mitt", 'Vårt "system"', "Ours.", made)
    layout = profile.parse(text, "mitt.toml").layouts[0]
    assert [layout.columns[name] for name in ("order_id", "ordered_at", "amount", "email")] == odd


@pytest.mark.parametrize(
    "content",
    [
        "1001;03.02.2025;kari@example.no;395,00\n1002;04.02.2025;ola@example.no;395,00\n",
        "Kari Nordmann;Bergen;Voksenlivet\nOla Hansen;Oslo;Ungdom\n",
        "Salgsrapport for kari\n\nAaa;Bbb;Ccc\n1;03.02.2025;395,00\n",
        "Salgsrapport for kari\nKari Nordmann;Konsert;Nett;Voksen\n",
        'Salgsrapport for kari\n"Ordrenr;Dato;Beløp\n1;03.02.2025;395,00\n' + "x" * 140_000,
    ],
)
def test_a_first_line_that_may_be_somebodys_row_is_refused_and_not_shown(tmp_path: Path, content: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        opened(csv(tmp_path, "salg.csv", content))
    assert "line 1" in str(refused.value)
    assert "kari" not in str(refused.value).casefold()


def test_odd_files_are_refused_or_proposed_and_never_crash(tmp_path: Path) -> None:
    contents: list[str | bytes] = [
        "", "Ordrenr;Dato;Beløp\n", "Ordrenr;;Beløp;\n1;;2;\n", "Ordrenr;Dato;Beløp\n;;\n;;\n",
        "[]", "{}", '{"a": 1}', "[1]",
        '[{"Ordrenr": 1, "linjer": []}]', '[{"Ordrenr": [], "Dato": {}}]',
        '[{"Ordrenr": "1", "a": [{"b": [{"c": 1}]}]}]',
        "Ordrenr;Dato;Beløp\n" + "9" * 200 + ";" + "9" * 200 + ";" + "9" * 200 + "\n",
        "Ordrenr;Dato;Beløp\n1;31.02.2025;--\n", "Ordrenr;Dato;Antall;Beløp\n1;03.02.2025;²;³\n", b"\xff\xfe\x00",
        'Ordrenr;Dato;Beløp\n"1;03.02.2025;2\n', "Ordrenr;Dato;Beløp\n1\n1;2;3;4\n",
    ]  # fmt: skip
    for content in contents:
        try:
            made = proposed(tmp_path, content)
        except ImportRefused:
            continue
        if not made.matched.lacking:
            read(tmp_path, made)


def test_a_template_says_what_is_missing_and_how_to_complete_it(tmp_path: Path) -> None:
    path = csv(tmp_path, "hoopla.csv", "Ordrenr;Dato;E-post\n1;14.02.2025;kari@example.no\n")
    with pytest.raises(ImportRefused) as refused:
        open_source(path, profile.find("hoopla", tmp_path / "none"))
    said = str(refused.value)
    for text in (
        "template",
        "order_id (Ordrenr)",
        "nothing for amount or unit_price",
        "profile new",
        "--system hoopla",
    ):
        assert text in said
    assert "kari" not in said


def test_the_hints_of_a_template_come_first(tmp_path: Path) -> None:
    duell = profile.shipped()["duell"]
    assert duell.template is not None
    content = "Ordre;Kvitteringsnummer;Dato;Beløp\n9;1;14.02.2025;100,00\n"
    table = opened(csv(tmp_path, "d.csv", content))
    assert fields(draft(table, looks(table), Answers(), duell.template))["Kvitteringsnummer"] == "order_id"
    assert fields(draft(table, looks(table), Answers(), None))["Ordre"] == "order_id"


def test_a_word_far_down_is_seen_too_and_no_row_beyond_the_first_5000(tmp_path: Path) -> None:
    """Readers hand out some hundred kilobytes at first, which of a wide export are not many rows."""
    row = "{n},2025-02-14 11:05,Hedda,2025-03-21 19:00,Adult,1,320.00,{state}," + "x" * 100 + "\n"
    rows = [row.format(n=n, state="Umulig" if n == 4_990 else "Paid") for n in range(6_000)]
    rows[4_995] = rows[4_995].replace("2025-02-14", "2025-99-14")
    head = "Ordrenr,Bestilt,Forestilling,Forestillingsstart,Billettype,Antall,Beløp,Status,Merknad\n"
    made = proposed(tmp_path, head + "".join(rows))
    assert fields(made)["Forestillingsstart"] == "event_start"
    assert [question.about for question in made.questions] == ["value:state:Umulig"]
    shown = read(tmp_path, proposed(tmp_path, head + "".join(rows), Answers(values={"state": {"Umulig": "paid"}})))
    assert shown.tried == 5_000
    assert [(reject.line, reject.column) for reject in shown.rejects] == [(4_997, "Bestilt")]


def test_compounds_are_known_by_what_they_end_with(tmp_path: Path) -> None:
    head = "Ordrenr;Salgsdato;Billettantall;Totalbeløp;Salgsstatus;Kjøpskanal;Discount\n"
    made = proposed(tmp_path, head + "1;14.02.2025;2;200,00;Betalt;Nett;1\n2;15.02.2025;1;100,00;Reservert;Luka;2\n")
    assert fields(made) == {
        "Ordrenr": "order_id", "Salgsdato": "ordered_at", "Billettantall": "quantity", "Totalbeløp": "amount",
        "Salgsstatus": "state", "Kjøpskanal": "channel", "Discount": None,
    }  # fmt: skip


def test_norwegian_without_its_letters_is_known(tmp_path: Path) -> None:
    head = "ordrenr;kjopt;belop;kjonn;fodselsar;epost;kjoper;fodselsnr\n"
    row = "1;14.02.2025;200,00;K;1971;kari@example.no;Kari;1\n"
    assert fields(proposed(tmp_path, head + row)) == {
        "ordrenr": "order_id", "kjopt": "ordered_at", "belop": "amount", "kjonn": "gender", "fodselsar": "birth_year",
        "epost": "email", "kjoper": None, "fodselsnr": None,
    }  # fmt: skip
    nested = '[{"ordrenr": 1, "dato": "2025-02-14", "belop": 200.5, "billetter": {"avgift": 2, "antall": 3}}]'
    assert fields(proposed(tmp_path, nested, name="salg.json")) == {
        "ordrenr": "order_id", "dato": "ordered_at", "belop": "amount", "billetter.avgift": None,
        "billetter.antall": "quantity",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("oppsetning", "event_title"), ("Spilledag", "event_start"), ("Spilletid", "event_start"),
        ("Medl. nr.", "customer_key"), ("Til betaling", "amount"), ("Å betale", "amount"), ("A BETALE", "amount"),
    ],
)  # fmt: skip
def test_names_that_small_houses_use(header: str, field: str) -> None:
    assert headers.score("order_lines", field, header) == 1.0


def test_who_buys_stays_unread_however_it_is_nested() -> None:
    assert headers.never("ordre.etternavn") is not None
    assert headers.never("event.name") is None


def test_a_column_with_words_of_states_is_asked_about(tmp_path: Path) -> None:
    rows = "".join(f"{n};14.02.2025;100,00;{word}\n" for n, word in enumerate(("Betalt", "Reservert", "Oppgjort", "X")))
    content = f"Ordrenr;Dato;Beløp;Merke\n{rows}"
    made = proposed(tmp_path, content)
    assert [question.about for question in made.missing] == ["state:Merke"]
    assert "--set Merke=state or --set Merke=-" in made.missing[0].option
    assert not any("every row counts" in remark for remark in made.remarks)
    yes = proposed(tmp_path, content, Answers(columns={"Merke": "state"}))
    assert [question.about for question in yes.questions] == ["value:state:Oppgjort", "value:state:X"]
    no = proposed(tmp_path, content, Answers(columns={"merke": "-"}))
    assert no.missing == []
    assert any("every row counts" in remark for remark in no.remarks)


def test_columns_that_may_be_one_field_are_named(tmp_path: Path) -> None:
    content = "Ordrenr;Dato;Sum;Total\n1;14.02.2025;100,00;90,00\n"
    (question,) = [each for each in proposed(tmp_path, content).questions if each.about == "column:amount"]
    assert "'Sum' and 'Total' may be amount" in question.text
    assert question.option == "--set Total=amount"


TITLED = "Salgsrapport for kari;;;\n\nFra;01.01.2025;;\nOrdrenr;Dato;Beløp;Epost\n1;03.02.2025;395,00;\n2;x;1,00;\n"


def test_lines_of_titles_are_left_out(tmp_path: Path) -> None:
    table = opened(csv(tmp_path, "salg.csv", TITLED))
    assert table.headers == ["Ordrenr", "Dato", "Beløp", "Epost"]
    assert table.written.endswith("; 3 lines above the header left out")
    shown = read(tmp_path, proposed(tmp_path, TITLED.replace("2;x", "2;04.02.2025")))
    assert (shown.taken, list(shown.rejects)) == (2, [])


def test_titles_above_a_sheet_are_left_out(tmp_path: Path) -> None:
    rows: list[list[str | int | float | None]] = [
        ["Salgsrapport"], [], ["Fra", "01.01.2025"], ["Ordrenr", "Dato", "Beløp"], [1, "14.02.2025", 395.5],
    ]  # fmt: skip
    table = opened(csv(tmp_path, "salg.xlsx", workbook(rows)))
    assert table.headers == ["Ordrenr", "Dato", "Beløp"]
    assert table.written.endswith("; 2 lines above the header left out")
    (chunk,) = table.chunks([0, 2], ",")
    assert [list(row.values()) for row in chunk.table.to_pylist()] == [["1", "395,5"]]


def quantities(odd: int) -> str:
    """Sales of one to four tickets, after some whose quantity is written in letters."""
    cells = ["to"] * odd + [str(number % 4 + 1) for number in range(400 - odd)]
    rows = "".join(f"{number};14.02.2025;{cell};100,00\n" for number, cell in enumerate(cells))
    return f"Ordrenr;Dato;Antall;Beløp\n{rows}"


def test_one_odd_cell_among_hundreds_leaves_a_column_its_field(tmp_path: Path) -> None:
    made = proposed(tmp_path, quantities(odd=1))
    assert fields(made)["Antall"] == "quantity"
    assert not any("Antall" in remark for remark in made.remarks)
    shown = read(tmp_path, made)
    assert (shown.taken, [reject.column for reject in shown.rejects]) == (399, ["Antall"])


def test_one_odd_cell_among_few_different_dates_leaves_them_dates(tmp_path: Path) -> None:
    rows = "".join(f"{number};1{number % 3}.02.2025;100,00\n" for number in range(300))
    made = proposed(tmp_path, f"Ordrenr;Dato;Beløp\n{rows}301;ukjent;100,00\n")
    assert (fields(made)["Dato"], made.layout["dates"]) == ("ordered_at", ["%d.%m.%Y"])


def test_a_rare_reservation_is_asked_about_however_many_sales_there_are(tmp_path: Path) -> None:
    rows = "".join(f"{number};14.02.2025;100,00;Oppgjort\n" for number in range(300))
    made = proposed(tmp_path, f"Ordrenr;Dato;Beløp;Merke\n{rows}301;14.02.2025;100,00;Reservert\n")
    assert [question.about for question in made.missing] == ["state:Merke"]


def test_a_column_that_is_called_as_a_field_and_does_not_fit_it_is_warned_of(tmp_path: Path) -> None:
    content = quantities(odd=100)
    made = proposed(tmp_path, content)
    (column,) = [each for each in made.matched.columns if each.header == "Antall"]
    assert (column.field, column.sure) == (None, False)
    assert column.reason == "the header says quantity, but too few of its cells fit"
    (remark,) = [each for each in made.remarks if "Antall" in each]
    assert "every row counts as one ticket" in remark
    assert "--set Antall=quantity" in remark
    for answer in ("quantity", "-"):
        told = proposed(tmp_path, content, Answers(columns={"Antall": answer}))
        assert not any("Antall" in remark for remark in told.remarks)


@pytest.mark.parametrize("day", ["13.02.2025", "2025-02-13"])
@pytest.mark.parametrize("clock", ["kl. 18.20", "kl. 18:20", "kl 18.20", "kl.18.20", "18.20", "18:20", "18.20.00"])
def test_times_of_the_day_however_they_are_written(tmp_path: Path, day: str, clock: str) -> None:
    made = proposed(tmp_path, f"Ordrenr;Dato;Klokka;Beløp\n1;{day};{clock};100,00\n")
    assert made.layout["columns"]["ordered_at"] == {"join": ["Dato", "Klokka"]}
    assert cell(read(tmp_path, made), "ordered_at") == "2025-02-13 18:20"


@pytest.mark.parametrize(
    "header", ["Billettslag", "Prisklasse", "Billett-type", "Prisgrupper", "Billettype", "Prisgruppe", "Billettklasse"]
)
def test_ticket_types_however_norwegian_systems_call_them(tmp_path: Path, header: str) -> None:
    content = f"Ordrenr;Dato;{header};Beløp\n1;14.02.2025;Voksen;100,00\n2;14.02.2025;Honnør;80,00\n"
    (column,) = [each for each in proposed(tmp_path, content).matched.columns if each.header == header]
    assert (column.field, column.sure) == ("ticket_type", True)


BUYERS = "Kundenr;E-post;Mobil;Postnr;Samtykke\n17;kari@example.no;40612345;5003;Ja\n22;ola@example.no;;0150;Nei\n"


def test_a_consent_is_not_assumed_to_be_one_to_statistics_and_says_why(tmp_path: Path) -> None:
    (column,) = [each for each in proposed(tmp_path, BUYERS).matched.columns if each.header == "Samtykke"]
    assert column.field is None
    assert "may be a consent to marketing" in column.reason
    assert "if it is one to statistics: --set Samtykke=consents" in column.reason


@pytest.mark.parametrize("header", ["Samtykke", "Samtykke statistikk", "Samtycke", "consent_given"])
def test_a_consent_that_was_said_to_be_one_to_statistics_is_read(tmp_path: Path, header: str) -> None:
    content = BUYERS.replace("Samtykke", header)
    (column,) = [each for each in proposed(tmp_path, content).matched.columns if each.header == header]
    assert "consent to marketing" in column.reason
    made = proposed(tmp_path, content, Answers(columns={header: "consents"}))
    assert made.layout["columns"]["consents"] == header
    shown = read(tmp_path, made)
    assert [cell(shown, "consents", row) for row in (0, 1)] == ["yes", "no"]


@pytest.mark.parametrize(
    ("content", "resource"),
    [
        (BUYERS, "customers"),
        ("Nr;Tittel;Spilledato;Sal;Kapasitet\n7;Hedda;21.03.2025 19:00;Hovedscenen;420\n", "events"),
        ("Ordrenr;Dato;Beløp\n1;14.02.2025;100,00\n", "order_lines"),
    ],
)
def test_what_a_file_is_is_found_for_a_template_too(tmp_path: Path, content: str, resource: str) -> None:
    table = opened(csv(tmp_path, "fil.csv", content))
    made = draft(table, looks(table), Answers(), profile.shipped()["hoopla"].template)
    assert (made.layout["resource"], made.missing) == (resource, [])


def test_a_list_of_people_stays_one_for_a_system_that_sells_nothing(tmp_path: Path) -> None:
    content = "E-post;Siste kjøp;Beløp\nkari@example.no;14.02.2025;100,00\n"
    table = opened(csv(tmp_path, "fil.csv", content))
    made = draft(table, looks(table), Answers(), profile.shipped()["markethype"].template)
    assert (made.layout["resource"], made.missing) == ("customers", [])


@pytest.mark.parametrize("system", [None, "hoopla"])
def test_a_sale_without_a_known_amount_is_asked_about_and_no_list_of_people(tmp_path: Path, system: str | None) -> None:
    table = opened(csv(tmp_path, "salg.csv", "Ordrenr;Dato;E-post;Ørlig\n1;14.02.2025;kari@example.no;100,00\n"))
    made = draft(table, looks(table), Answers(), profile.shipped()[system].template if system else None)
    assert made.layout["resource"] == "order_lines"
    assert [question.about for question in made.missing] == ["column:amount"]
