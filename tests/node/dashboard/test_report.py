"""The report as one file, and tables as CSV: nothing in them is loaded, run or computed."""

import csv
import io
import re
import shutil
import stat
import subprocess
from datetime import date
from pathlib import Path

import pytest

from node.dashboard.language import language
from node.dashboard.model import Table, Value, as_csv
from privacy.bounds.windows import Window
from tests.node.cli.run import Node, initialised, sales_file

HOSTILE = "<script>alert(1)</script> #panic() “Ærlig”"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    folder = tmp_path_factory.mktemp("report")
    made = initialised(folder / "home")
    made.good("import", sales_file(folder))
    settings = made.home / "settings.toml"
    text = settings.read_text(encoding="utf-8").replace('"Fjordteatret"', f"'{HOSTILE}'")
    settings.write_text(text, encoding="utf-8")
    return made


def test_a_pdf_is_written_for_its_owner_alone(node: Node, tmp_path: Path) -> None:
    file = tmp_path / "board.pdf"
    assert node.good("report", "--out", file, "--json").json["pages"][0] == "overview"
    assert file.read_bytes().startswith(b"%PDF-")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(("language", "title"), [("nb", "Pris og omsetning"), ("en", "Price and revenue")])
def test_an_html_report_is_one_file_without_a_script(node: Node, tmp_path: Path, language: str, title: str) -> None:
    file = tmp_path / "board.html"
    node.good("report", "--out", file, "--language", language, "--page", "money", "--page", "value")
    page = file.read_text(encoding="utf-8")
    assert f"<h2>{title}</h2>" in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert set(re.findall(r'(?:src|href)="([^"]{0,20})', page)) == {"data:image/svg+xml;b"}
    assert page.count('<section class="page">') == 2


def test_pages_without_a_figure_are_named_in_one_line_unless_they_are_asked_for(node: Node, tmp_path: Path) -> None:
    file = tmp_path / "board.html"
    made = node.good("report", "--out", file, "--language", "en", "--json").json["pages"]
    page = file.read_text(encoding="utf-8")
    assert "cross-use" not in made
    assert re.search(r"Left out, for there are no figures yet: [^<]*Cross-use", page)
    made = node.good("report", "--out", file, "--language", "en", "--page", "cross-use", "--json").json["pages"]
    assert made == ["cross-use"]
    page = file.read_text(encoding="utf-8")
    assert "Left out, for" not in page
    assert "<code>kudos-node " in page


@pytest.mark.needs(
    "PDFTOTEXT", shutil.which("pdftotext"), "NO PDF WAS READ: pdftotext is missing (Debian: poppler-utils)"
)
@pytest.mark.parametrize(("code", "title"), [("nb", "Pris og omsetning"), ("en", "Price and revenue")])
def test_a_pdf_says_whose_it_is_and_has_titles_and_figures_as_text(
    node: Node, tmp_path: Path, code: str, title: str
) -> None:
    """Read by another program, as a search or a reader's program does."""
    file = tmp_path / "board.pdf"
    node.good("report", "--out", file, "--language", code)
    said = _text(file)
    own = node.good("kpi", "--json").json
    _ = language(code)
    assert said.startswith(f"Kudos {HOSTILE} ")
    assert f" {title} " in said
    assert _plain(_.months(Window(*map(date.fromisoformat, own["window"].values())))) in said
    for label, figure in (
        ("Revenue per customer", _.kroner(own["revenue_per_customer_ore"])),
        ("Customers", _.number(own["customers"])),
    ):
        assert f" {_plain(_(label))} {_plain(figure)} " in said, label


def _text(file: Path) -> str:
    """All pages' text, line by line as it stands on paper."""
    return _plain(subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True).stdout.decode())


def _plain(text: str) -> str:
    """With one plain space between words."""
    return " ".join(text.split())


def test_a_report_is_no_other_kind_of_file(node: Node, tmp_path: Path) -> None:
    ended = node("report", "--out", tmp_path / "board.docx")
    assert ended.status == 2
    assert ".pdf" in ended.err
    assert node("report", "--out", node.home / "ledger.pdf").status == 2
    assert node("report", "--out", tmp_path / "x.pdf", "--round", "nowhere").status == 2
    assert node("report", "--out", tmp_path / "x.pdf", "--cohort", "nowhere").status == 2


def test_a_table_is_no_formula() -> None:
    rows = tuple(
        (Value(text), Value("−3", -3)) for text in ("=1+1", "+x", "-x", "@x", " \n=x", "plain, with “marks”\n")
    )
    written = as_csv(Table(("=head", "number"), rows)).decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(written)))
    assert found[0] == ["'=head", "number"]
    assert [row[0] for row in found[1:]] == ["'=1+1", "'+x", "'-x", "'@x", "' \n=x", "plain, with “marks”\n"]
    assert {row[1] for row in found[1:]} == {"-3"}
