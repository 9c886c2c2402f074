"""After an import no byte on the disk says who anybody is, whatever the file and however its columns were mapped."""

import gc
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.errors import ImportRefused
from node.home import Home
from node.ingest.watch import Watch
from tests.node.ingest.house import asked, csv, import_, new_home
from tests.node.ingest.xlsx import workbook

NAMES = ("Kari Nordmann", "Øystein Sæther", "Bjørg Ånestad")
EMAILS = ("kari.nordmann@example.no", "oystein@sæther.example", "Bjorg.Anestad+billett@gmail.com")
PHONES = ("91234567", "40 61 23 45", "+47 922 33 445")

HEAD = "order_id;line_id;ordered_at;ticket_type;amount;email;phone;name;comment;customer_key\r\n"


def spellings(phone: str) -> list[str]:
    """How a number may stand somewhere."""
    digits = re.sub(r"[^0-9]", "", phone)[-8:]
    pairs = " ".join(digits[place : place + 2] for place in range(0, 8, 2))
    thirds = f"{digits[:3]} {digits[3:5]} {digits[5:]}"
    return [digits, pairs, thirds, thirds.replace(" ", "."), f"+47{digits}", f"0047{digits}", phone]


SECRETS = sorted(
    {
        secret
        for who in (
            *(part for name in NAMES for part in (name, *name.split())),
            *(part for email in EMAILS for part in (email, email.lower(), email.partition("@")[0])),
            "bjorganestad@gmail.com",
            "oystein@xn--sther-pra.example",
            *(spelling for phone in PHONES for spelling in spellings(phone)),
        )
        for secret in (who, who.lower(), who.upper())
    }
)


def encoded(secret: str) -> Iterator[bytes]:
    for encoding in ("utf-8", "utf-16-le", "windows-1252"):
        yield secret.encode(encoding)


def assert_nobody(folder: Path) -> None:
    """Searches every byte of every file below a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        content = path.read_bytes()
        for secret in SECRETS:
            for spelled in encoded(secret):
                assert spelled not in content, (path.name, secret)


def sales(*, key: str = "", order: str = "O{}", kind: str = "Voksen", amount: str = "100.00") -> str:
    """A row for each of them; braces stand for the person's number."""
    return HEAD + "".join(
        f"{order.format(n)};1;2025-03-0{n + 1} 18:00;{kind.format(n)};{amount};{EMAILS[n]};{PHONES[n]};{NAMES[n]};"
        f"Ring {NAMES[n]} på {PHONES[n]};{key.format(n)}\r\n"
        for n in range(3)
    )


OWN = """
name = "own"
title = "Own"
basis = "own"
rests_on = "A test."

[[layout]]
name = "salg"
resource = "order_lines"
recognise = ["order_id", "amount"]
decimal = "."

[layout.columns]
order_id = "{order_id}"
line_id = "line_id"
ordered_at = "ordered_at"
ticket_type = "{ticket_type}"
price_zone = "{price_zone}"
amount = "amount"
email = "{email}"
phone = "{phone}"
customer_key = "{customer_key}"
"""
RIGHT = {
    "order_id": "order_id",
    "ticket_type": "ticket_type",
    "price_zone": "line_id",
    "email": "email",
    "phone": "phone",
    "customer_key": "customer_key",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def test_a_file_in_order(home: Home, tmp_path: Path) -> None:
    report = import_(home, csv(tmp_path, "salg.csv", sales()))
    assert report.customers == 3
    assert_nobody(home.path)


def test_rows_that_were_rejected(home: Home, tmp_path: Path) -> None:
    text = sales() + sales(order="X{}", amount="hundre").removeprefix(HEAD)
    text += sales(order="Y{}", kind=f"{NAMES[0]} <{EMAILS[0]}>").removeprefix(HEAD)
    text += f"Z1;1;{PHONES[0]};Voksen;{PHONES[1]};{EMAILS[0]}\r\n{NAMES[0]};{EMAILS[0]}\r\n"
    outside = tmp_path / "out"
    outside.mkdir()
    file = csv(tmp_path, "salg.csv", text)
    report = import_(home, file, max_rejects=1.0, reject_file=outside / "rejected.csv")
    assert report.files[0].rejected == 8
    assert_nobody(home.path)
    assert_nobody(outside)


@pytest.mark.parametrize("key", [*(f"{name}" for name in (NAMES[0],)), EMAILS[0], PHONES[0], PHONES[2], "kari85"])
def test_customers_who_are_keyed_by_what_they_are_called(home: Home, tmp_path: Path, key: str) -> None:
    import_(home, csv(tmp_path, "salg.csv", sales(key=key)))
    assert_nobody(home.path)
    assert asked(home, "SELECT count(DISTINCT customer_key), max(length(customer_key)) FROM profiles") == [(1, 12)]


def test_customer_numbers_stay_as_they_are(home: Home, tmp_path: Path) -> None:
    import_(home, csv(tmp_path, "salg.csv", sales(key="K-{}001")))
    assert asked(home, "SELECT customer_key FROM profiles ORDER BY 1") == [("K-0001",), ("K-1001",), ("K-2001",)]


MISTAKES = {
    "the e-mail for the order": {"order_id": "email"},
    "the phone for the order": {"order_id": "phone"},
    "the e-mail for the type": {"ticket_type": "email"},
    "the phone for the zone": {"price_zone": "phone"},
    "the name for the type": {"ticket_type": "name"},
    "the name for the zone": {"price_zone": "name"},
    "names for e-mails": {"email": "name"},
    "comments for phones": {"email": "name", "phone": "comment"},
    "the e-mail for the key": {"customer_key": "email"},
    "the phone for the key": {"customer_key": "phone"},
    "the comment for the key": {"customer_key": "comment"},
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_columns_that_were_mapped_by_mistake(home: Home, tmp_path: Path, mistake: str) -> None:
    """Whether the import is refused or goes through, nobody is named on the disk or on the screen."""
    system = csv(tmp_path, "own.toml", OWN.format(**{**RIGHT, **MISTAKES[mistake]}))
    outside = tmp_path / "out"
    outside.mkdir()
    csv(outside, "said.txt", "")
    for most in (0.01, 1.0):
        file = csv(tmp_path, "salg.csv", sales())
        try:
            import_(home, file, system=str(system), max_rejects=most, reject_file=outside / "rejected.csv")
        except ImportRefused as refused:
            csv(outside, "said.txt", str(refused))
        assert_nobody(outside)
        assert_nobody(home.path)


def test_orders_that_are_numbered_by_telephone_stay_apart(home: Home, tmp_path: Path) -> None:
    text = sales().replace("O0;", f"{PHONES[0]};").replace("O1;", "40612345;")
    for _ in range(2):
        import_(home, csv(tmp_path, "salg.csv", text))
    assert_nobody(home.path)
    assert asked(home, "SELECT count(DISTINCT order_id) FROM order_lines") == [(3,)]


def test_a_file_without_a_header_is_not_shown(home: Home, tmp_path: Path) -> None:
    outside = tmp_path / "out"
    outside.mkdir()
    with pytest.raises(ImportRefused) as refused:
        import_(home, csv(tmp_path, "salg.csv", sales().removeprefix(HEAD)))
    csv(outside, "said.txt", str(refused.value))
    assert_nobody(outside)
    assert_nobody(home.path)


def test_a_workbook_and_json(home: Home, tmp_path: Path) -> None:
    rows = [line.split(";") for line in sales().replace(".00", "").replace(" 18:00", "T18:00:00").split("\r\n") if line]
    (tmp_path / "salg.xlsx").write_bytes(workbook(rows))
    assert import_(home, tmp_path / "salg.xlsx").files[0].lines_new == 3
    records = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    csv(tmp_path, "salg.json", repr(records).replace("'", '"'))
    assert import_(home, tmp_path / "salg.json").files[0].lines_unchanged == 3
    assert_nobody(home.path)


@pytest.mark.parametrize("secret", ["kari.nordmann@example.no", "40 61 23 45", "91234567"])
def test_a_files_name_that_says_who_somebody_is_is_not_kept(tmp_path: Path, secret: str) -> None:
    folder = tmp_path / "home"
    home = new_home(folder)
    text = "order_id,ordered_at,amount\nA,2025-03-01T18:00:00Z,10.00\nB,2025-03-01T18:00:00Z,x\n"
    report = import_(home, csv(tmp_path, f"salg {secret}.csv", text), max_rejects=1.0)
    assert report.reject_file is not None
    rejected = Path(report.reject_file)
    assert secret not in rejected.name
    assert secret not in rejected.read_text(encoding="utf-8")
    assert secret not in str(report.as_json()["first_rejects"])
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(b"salg " in path.read_bytes() or b"xxxx " in path.read_bytes() for path in files)
    for path in files:
        assert secret.encode() not in path.read_bytes(), path.name
    watch = Watch(home, tmp_path, 0.0)
    for path in watch.whole():
        watch.done(path)
    assert secret.encode() not in (folder / "watch.json").read_bytes()
    assert Watch(home, tmp_path, 0.0).whole() == []


@pytest.mark.parametrize("collects", [True, False])
def test_the_collector_is_left_as_it_was(tmp_path: Path, collects: bool) -> None:
    home, before = new_home(tmp_path / "home"), gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        import_(home, csv(tmp_path, "a.csv", "order_id,ordered_at,amount\nA,2025-03-01T18:00:00Z,10.00\n"))
        assert gc.isenabled() is collects
    finally:
        (gc.enable if before else gc.disable)()
