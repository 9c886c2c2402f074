"""The report's counts are right, compare with the import before, and say nothing of anybody."""

import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

from node.home import Home
from node.quality import texts
from node.quality.page import render
from node.quality.report import Report, report, shares
from node.store.database import opened
from node.store.quality import Quality
from tests.node.controller.house import HEAD, line
from tests.node.ingest.house import csv, import_, new_home

TODAY = date(2026, 10, 31)
SECRETS = ("nordmann", "kari", "91234567", "912 34 567")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return new_home(tmp_path / "home")


def made(home: Home) -> Report:
    with opened(home) as connection:
        return report(connection, TODAY)


HEADER = HEAD.strip() + ",postcode,birth_year,segment\n"


def known(order: str, rest: str = ",,", **values: str) -> str:
    return f"{line(order, **values).strip()},{rest}\n"  # type: ignore[arg-type]


def test_shares_are_of_orders_and_of_buyers(home: Home, tmp_path: Path) -> None:
    rows = [
        known("A1", "5003,1980,essence", who="kari"),
        known("A2", "0150,,", who="ola"),
        known("A3", phone="912 34 567"),
        known("A4", key="K-7"),
        known("A5"),
        known("A6", who="kari", key="K-9"),
        known("A7", who="eva", state="cancelled"),
        f"A8,1,2026-03-05T12:00:00Z,E1,Voksen,1,100.00,paid,,billett@fjordteatret.no,,,{',,,'}\n",
        known("A9", who="kari", state="reserved"),
        known("B1", day="never"),
    ]
    import_(home, csv(tmp_path, "sales.csv", HEADER + "".join(rows)), max_rejects=1.0)
    found = made(home)
    now = found.now
    assert (now.orders, now.identified_orders, now.buyers) == (7, 5, 4)
    assert (now.by_email, now.by_phone) == (2, 1)
    assert (now.with_postcode, now.with_age, now.with_segment) == (2, 1, 1)
    assert (now.placeholders, now.placeholder_orders) == (1, 1)
    assert now.profiles - now.customers == 1
    assert shares(now)["identified"] == 5 / 7
    assert shares(now)["email"] == 2 / 4
    assert found.last is not None
    assert {(note.kind, note.reason, note.rows) for note in found.last.notes} >= {("skipped", "reserved", 1)}
    assert [(note.column, note.rows) for note in found.last.notes if note.kind == "rejected"] == [("ordered_at", 1)]
    codes = {finding.code for finding in found.findings}
    assert {"placeholders", "joined", "rejected", "old", "short"} <= codes


def test_a_share_that_fell_is_told_beside_what_it_was(home: Home, tmp_path: Path) -> None:
    import_(home, csv(tmp_path, "a.csv", HEADER + "".join(known(f"A{n}", "5003,,", who=f"p{n}") for n in range(20))))
    assert made(home).before is None
    import_(home, csv(tmp_path, "b.csv", HEADER + "".join(known(f"B{n}") for n in range(20))))
    found = made(home)
    assert found.before is not None
    assert (shares(found.before)["identified"], shares(found.now)["identified"]) == (1.0, 0.5)
    assert "identified-fell" in {finding.code for finding in found.findings}


def told(home: Home) -> dict[str, tuple[str, dict[str, object]]]:
    """Levels and values of the findings."""
    return {each.code: (each.level, each.values) for each in made(home).findings}


UNTYPED = "order_id,line_id,ordered_at,event_id,amount,customer_key\n"


def untyped(*orders: str) -> str:
    """A file of sales without a column of ticket types, each to a customer of the same number."""
    return UNTYPED + "".join(f"{each},1,2026-03-05T12:00:00Z,E1,100.00,K{each}\n" for each in orders)


def test_sales_without_a_ticket_type_are_told_of_as_soon_as_they_are_half(home: Home, tmp_path: Path) -> None:
    import_(home, csv(tmp_path, "a.csv", HEADER + "".join(known(f"A{n}", who=f"p{n}") for n in range(3))))
    import_(home, csv(tmp_path, "b.csv", untyped("B1", "B2")))
    assert (made(home).now.ticket_lines, made(home).now.without_type) == (5, 2)
    assert "without-type" not in told(home)
    import_(home, csv(tmp_path, "c.csv", untyped("C1")))
    assert told(home)["without-type"] == ("mend", {"share": 0.5})
    page = render(made(home), "Fjordteatret", TODAY, "nb")
    assert "--column ticket_type=KOLONNE" in page


def test_sales_that_say_their_category_need_no_ticket_type(home: Home, tmp_path: Path) -> None:
    rows = untyped("A1", "A2").replace("customer_key", "ticket_category").replace("KA", "complimentary")
    import_(home, csv(tmp_path, "a.csv", re.sub(r"complimentary\d", "complimentary", rows)))
    assert made(home).now.without_type == 0


CUSTOMERS = "customer_key,email,postcode\nKA1,kari@example.no,5003\nKA2,ola@example.no,0150\n"


def test_a_file_of_customers_under_another_source_than_the_sales_is_told_of(home: Home, tmp_path: Path) -> None:
    sales, customers = csv(tmp_path, "a.csv", untyped("A1", "A2")), csv(tmp_path, "b.csv", CUSTOMERS)
    import_(home, sales, source="salg")
    assert "customers-apart" not in told(home)
    import_(home, customers, source="kunder")
    assert told(home)["customers-apart"] == ("mend", {"profiles": 2})
    assert shares(made(home).now)["email"] == 0
    assert "--source NAVN" in render(made(home), "Fjordteatret", TODAY, "nb")
    import_(home, customers, source="salg")
    assert shares(made(home).now)["email"] == 1
    assert "customers-apart" not in told(home)


def test_a_file_of_customers_that_meets_the_sales_by_its_addresses_may_have_its_own_source(
    home: Home, tmp_path: Path
) -> None:
    import_(home, csv(tmp_path, "a.csv", HEADER + known("A1", who="kari") + known("A2", who="ola")), source="salg")
    emails = "customer_key,email\n1,kari.nordmann@example.no\n2,else@example.no\n"
    import_(home, csv(tmp_path, "b.csv", emails), source="kunder")
    assert made(home).now.profiles_apart == 0


def test_a_quality_of_an_earlier_version_lacks_what_it_did_not_count_and_no_share_moves() -> None:
    content = {"orders": 4, "identified_orders": 3, "buyers": 2, "by_email": 1, "lines": 9}
    found = Quality.of_json(content)
    assert (found.ticket_lines, found.without_type, found.profiles_apart) == (0, 0, 0)
    assert (shares(found)["identified"], shares(found)["email"]) == (0.75, 0.5)


def test_an_empty_store_says_what_to_do_first(home: Home) -> None:
    found = made(home)
    assert [finding.code for finding in found.findings] == ["empty"]
    assert "kudos-node import" in render(found, "Fjordteatret", TODAY, "nb")


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_page_is_whole_escaped_and_says_nothing_of_anybody(
    home: Home, tmp_path: Path, language: texts.Language
) -> None:
    import_(
        home, csv(tmp_path, "kari.csv".replace("kari", "sales"), HEADER + known("A1", who="kari", phone="912 34 567"))
    )
    page = render(made(home), "<b>Fjord</b>", TODAY, language)
    assert "&lt;b&gt;Fjord" in page
    assert f'<html lang="{language}">' in page
    assert "@page" in page
    assert not re.search(r"<script|https?://", page)
    assert not any(secret in page.lower() for secret in SECRETS)
    assert not any(secret in str(made(home).as_json()).lower() for secret in SECRETS)


def test_every_finding_has_its_words_and_the_same_values_in_both_languages() -> None:
    for code, words in texts.FINDINGS.items():
        used = [
            {name for _, name, _, _ in Formatter().parse(words[language][0]) if name} for language in texts.LANGUAGES
        ]
        assert used[0] == used[1], code
        assert all(words[language][1] for language in texts.LANGUAGES), code


def test_every_finding_that_can_be_made_has_words() -> None:
    """The codes are written in node/quality/report.py; some are put together there."""
    source = Path(texts.__file__).with_name("report.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'Finding\("([a-z-]+)"', source)) | {"gap", "gap-as-before"}
    codes |= {f"{name}-low" for name in ("identified", "email", "postcode", "age")}
    codes |= {f"{name}-fell" for name in ("identified", "email", "postcode", "age", "gender", "segment")}
    codes |= {f"{unit}-{size}" for unit in ("week", "month") for size in ("high", "low")}
    assert codes == set(texts.FINDINGS)
