"""The standard itself, and an institution's own profile."""

from pathlib import Path

import pytest

from node.errors import ImportRefused
from node.home import Home
from node.ingest import profile, standard
from privacy.catalogue.dimensions import CHANNEL, TICKET_TYPE
from tests.node.ingest.house import asked, csv, import_, matched, new_home, totals

OWN = """
name = "luka"
title = "Luka"
basis = "own"
rests_on = "Our till."

[[layout]]
name = "salg"
resource = "order_lines"
recognise = ["Bilag", "Beløp"]
delimiter = ";"
decimal = ","
amount_suffix = " kr"
dates = ["%d.%m.%y"]

[layout.columns]
order_id = "Bilag"
ordered_at = { join = ["Dato"] , joined = true }
ticket_type = "Vare"
quantity = "Antall"
amount = "Beløp"
phone = "Mobil"
state = "Status"

[layout.constants]
channel = "luke"
event_id = "utstilling"

[layout.values.state]
"gjort opp" = "paid"
"kreditert" = "cancelled"
"lagt av" = "reserved"

[layout.values.ticket_type]
"klippekort" = "subscription"

[[layout.skip]]
column = "Bilag"
values = ["Sum", "Totalt"]
""".replace('{ join = ["Dato"] , joined = true }', '"Dato"')

SALES = (
    "Bilag;Dato;Vare;Antall;Beløp;Status;Mobil;Selger\n"
    "1;31.05.14;Voksen;2;300,00 kr;gjort opp;91 23 45 67;Per\n"
    "2;31.05.14;Klippekort;1;1.000,00 kr;gjort opp;;Per\n"
    "3;01.06.14;Voksen;1;150,00 kr;kreditert;+47 91234567;Per\n"
    "4;01.06.14;Voksen;1;150,00 kr;lagt av;;Per\n"
    "Sum;;;4;1.600,00 kr;;;\n"
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def test_an_own_profile_given_by_its_file(home: Home, tmp_path: Path) -> None:
    system = csv(tmp_path, "luka.toml", OWN)
    report = import_(home, csv(tmp_path, "salg.csv", SALES), system=str(system))
    item = report.files[0]
    assert (item.system, item.rows, item.lines_new, item.skipped) == ("luka", 5, 3, 2)
    assert totals(home) == (2, 3, 130_000)
    sales = asked(home, "SELECT ticket_type, channel FROM sales ORDER BY tickets")
    assert [(TICKET_TYPE.categories[kind], CHANNEL.categories[channel]) for kind, channel in sales] == [
        ("subscription", "box_office"),
        ("ordinary", "box_office"),
    ]
    assert asked(home, "SELECT match_id FROM customers") == [(matched("91234567"),)]
    assert asked(home, "SELECT DISTINCT event_id FROM order_lines") == [("utstilling",)]


def test_an_own_profile_in_the_nodes_folder_is_recognised(home: Home, tmp_path: Path) -> None:
    home.profiles.mkdir()
    csv(home.profiles, "luka.toml", OWN)
    assert import_(home, csv(tmp_path, "salg.csv", SALES)).files[0].system == "luka"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("decimal =", "decimals ="), "layout.0.decimals"),
        (('amount = "Beløp"', 'sum = "Beløp"'), "'sum'"),
        (('order_id = "Bilag"\n', ""), "order_id"),
        (('"gjort opp" = "paid"', '"gjort opp" = "sold"'), "'sold'"),
        (("[[layout]]", "[[layout]"), "not TOML"),
        (('dates = ["%d.%m.%y"]', 'timezone = "Europe/Bergen"'), "Europe/Bergen"),
        (('dates = ["%d.%m.%y"]', "fees = []"), "layout.0.fees"),
        ((OWN[OWN.index("[[layout]]") :], ""), "it has no [[layout]]"),
    ],
)
def test_a_profile_that_is_wrong_is_refused_with_the_place(
    home: Home, tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    system = csv(tmp_path, "luka.toml", OWN.replace(*change))
    with pytest.raises(ImportRefused, match=r"luka\.toml") as refused:
        import_(home, csv(tmp_path, "salg.csv", SALES), system=str(system))
    assert says in str(refused.value)


FEES = "fees = {}\n\n[layout.columns]"
NOBODY = '[layout.anonymous]\ncolumn = {}\nvalues = ["luka"]\n\n[[layout.skip]]'
SKIPPED = '[[layout.skip]]\ncolumn = {}\nvalues = ["Per"]\n\n[[layout.skip]]'


@pytest.mark.parametrize("basis", ["own", "documented"])
@pytest.mark.parametrize(
    ("at", "rule", "said"),
    [
        ("[layout.columns]", FEES, "fees (Gebyr)"),
        ("[[layout.skip]]", NOBODY, "anonymous (Gebyr)"),
        ("[[layout.skip]]", SKIPPED, "skip (Gebyr)"),
    ],
)
def test_a_column_that_changes_sums_must_be_there_or_be_written_as_a_list(
    home: Home, tmp_path: Path, at: str, rule: str, said: str, basis: str
) -> None:
    profile_text = OWN.replace('basis = "own"', f'basis = "{basis}"')
    sales = csv(tmp_path, "salg.csv", SALES)
    system = csv(tmp_path, "luka.toml", profile_text.replace(at, rule.format('"Gebyr"')))
    with pytest.raises(ImportRefused) as refused:
        import_(home, sales, system=str(system))
    assert said in str(refused.value)
    assert "as a list" in str(refused.value)
    system = csv(tmp_path, "luka.toml", profile_text.replace(at, rule.format('["Avgift", "Gebyr"]')))
    import_(home, sales, system=str(system))
    assert totals(home) == (2, 3, 130_000)


@pytest.mark.parametrize("fees", ['"Gebyr"', '["Gebyr"]', '["Avgift", "Gebyr"]'])
def test_fees_are_taken_off(home: Home, tmp_path: Path, fees: str) -> None:
    system = csv(tmp_path, "luka.toml", OWN.replace("[layout.columns]", FEES.format(fees)))
    head, first, *others = SALES.splitlines()
    lines = [f"{head};Gebyr", f"{first};12,50 kr", *(f"{line};" for line in others)]
    import_(home, csv(tmp_path, "salg.csv", "\n".join(lines) + "\n"), system=str(system))
    assert totals(home) == (2, 3, 130_000 - 1_250)


@pytest.mark.parametrize("left_out", ["fees", "skip"])
def test_every_shipped_profile_can_do_without_or_recognises_by_what_changes_sums(left_out: str) -> None:
    for each in profile.shipped().values():
        for layout in each.layouts:
            named = [column for rule, column in layout.rules if rule == left_out and isinstance(column, str)]
            assert set(named) <= set(layout.recognise)


@pytest.mark.parametrize(("column", "field"), [("Kundenavn", "ticket_type"), ("Mobil", "order_id")])
def test_a_profile_that_would_keep_an_identity_is_refused(home: Home, tmp_path: Path, column: str, field: str) -> None:
    mapped = {"ticket_type": '"Vare"', "order_id": '"Bilag"'}[field]
    system = csv(tmp_path, "luka.toml", OWN.replace(f"{field} = {mapped}", f'{field} = "{column}"'))
    text = SALES.replace("Selger", "Kundenavn")
    with pytest.raises(ImportRefused, match=column):
        import_(home, csv(tmp_path, "salg.csv", text), system=str(system))


def test_a_system_that_nobody_knows_is_answered_with_those_that_are(home: Home, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="pretix"):
        import_(home, csv(tmp_path, "salg.csv", SALES), system="billettmaster")


def test_every_shipped_profile_says_what_it_rests_on() -> None:
    shipped = profile.shipped()
    assert {"kudos", "pretix", "ticketco", "tixly"} <= set(shipped)
    assert shipped["pretix"].basis == "verified"
    for name in ("tixly", "ticketco"):
        assert shipped[name].basis == "documented"
        assert "Not yet run against a real export" in shipped[name].rests_on


def test_the_standards_profile_reads_every_field_of_the_standard() -> None:
    layouts: dict[str, profile.Layout] = {layout.resource: layout for layout in profile.shipped()["kudos"].layouts}
    for resource, fields in standard.RESOURCES.items():
        assert set(layouts[resource].columns) == {field.name for field in fields}


def test_a_file_in_the_standard(home: Home, tmp_path: Path) -> None:
    lines = (
        "order_id,line_id,ordered_at,changed_at,event_id,event_title,event_start,ticket_type,ticket_category,quantity,"
        "unit_price,amount,currency,channel,state,price_zone,customer_key,email,birth_year,gender,postcode,objects\n"
        "O1,1,2025-03-30T01:30:00+01:00,,E1,Vildanden,2025-04-01T19:00:00+02:00,Voksen,ordinary,2,200.00,400.00,NOK,"
        "web,paid,A,K1,kari@example.no,1970,female,5003,false\n"
        "O2,1,2025-03-30T23:30:00Z,,E1,Vildanden,2025-04-01T19:00:00+02:00,Barn,child,1,,50.00,NOK,"
        "phone,paid,A,K2,ola@example.no,2010,male,0150,true\n"
    )
    customers = "customer_key,email,gender,segment\nK1,,other,release\nK2,ola@example.no,,\n"
    events = "event_id,event_title,production,genre,capacity,cancelled\nE1,Vildanden,Ibsen,Teater,300,false\n"
    import_(home, csv(tmp_path, "lines.csv", lines))
    import_(home, csv(tmp_path, "customers.csv", customers), csv(tmp_path, "events.csv", events))
    assert totals(home) == (2, 3, 45_000)
    assert asked(home, "SELECT ordered_on::VARCHAR FROM orders ORDER BY 1") == [("2025-03-30",), ("2025-03-31",)]
    assert asked(home, "SELECT gender, segment, birth_year, objects FROM profiles ORDER BY customer_key") == [
        ("other", "release", 1970, False),
        ("male", None, 2010, True),
    ]
    assert asked(home, "SELECT released FROM customers ORDER BY birth_year") == [(True,), (False,)]
    assert asked(home, "SELECT genre, production, capacity, event_start::VARCHAR FROM events") == [
        ("Teater", "Ibsen", 300, "2025-04-01 17:00:00")
    ]


def test_what_is_unknown_takes_nothing_back_that_was_known(home: Home, tmp_path: Path) -> None:
    import_(home, csv(tmp_path, "a.csv", "customer_key,email,gender,postcode,birth_year\nK1,,female,5003,1970\n"))
    import_(home, csv(tmp_path, "b.csv", "customer_key,email,gender,postcode,birth_year\nK1,,ukjent,99999,1900\n"))
    assert asked(home, "SELECT gender, county, birth_year FROM profiles") == [("female", "46", 1970)]


def test_a_customer_who_stops_being_a_placeholder_is_one_no_more(home: Home, tmp_path: Path) -> None:
    head = "customer_key,email\n"
    import_(home, csv(tmp_path, "a.csv", head + "K1,billett@fjordteatret.no\n"))
    assert asked(home, "SELECT identified FROM customers") == [(False,)]
    import_(home, csv(tmp_path, "b.csv", head + "K1,kari@example.no\n"))
    assert asked(home, "SELECT identified FROM customers") == [(True,)]
