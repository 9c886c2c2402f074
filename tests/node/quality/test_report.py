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
