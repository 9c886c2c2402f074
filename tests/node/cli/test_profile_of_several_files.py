"""One system writes several kinds of file: `profile new` adds each to the profile of that system's name."""

import tomllib
from pathlib import Path

import pytest

from tests.node.cli.run import Node, initialised, on_terminal

CUSTOMERS = (
    "Kundenr;Fornavn;E-post;Mobil;Postnr\n17;Kari;kari@example.no;40612345;5003\n22;Ola;ola@example.no;40612346;0150\n"
)
SALES = (
    "Ordrenr;Dato;Kundenr;Billettslag;Antall;Beløp;Status\n"
    "1001;13.02.2025 18:20;17;Voksen;1;790,50;Betalt\n"
    "1002;14.02.2025 11:05;22;Honnør;1;320,00;Betalt\n"
)
SALES_WITH_BUYERS = (
    "Ordrenr;Dato;Kundenr;E-post;Mobil;Beløp;Status\n"
    "1001;13.02.2025 18:20;17;kari@example.no;40612345;790,50;Betalt\n"
    "1002;14.02.2025 11:05;22;ola@example.no;40612346;320,00;Betalt\n"
)
NAMED = ("--accept", "--name", "billett2")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return initialised(tmp_path / "home")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A file of customers and two of sales, of which one names the buyers."""
    contents = {"kunder": CUSTOMERS, "kundesalg": SALES, "nettsalg": SALES_WITH_BUYERS}
    for name, content in contents.items():
        (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
    return {name: tmp_path / f"{name}.csv" for name in contents}


def written(node: Node, name: str = "billett2") -> Path:
    """Where a profile is."""
    return node.home / "profiles" / f"{name}.toml"


def layouts(file: Path) -> list[str]:
    """The names of a profile's layouts."""
    return [each["name"] for each in tomllib.loads(file.read_text(encoding="utf-8"))["layout"]]


@pytest.mark.parametrize("order", [("kunder", "kundesalg"), ("kundesalg", "kunder"), ("kunder", "nettsalg")])
def test_customers_and_sales_become_one_profile_and_join(
    node: Node, files: dict[str, Path], order: tuple[str, str]
) -> None:
    node.good("profile", "new", files[order[0]], *NAMED, "--title", "Billettkassa")
    before = written(node).read_bytes()
    added, had = ("customers", "sales") if order[1] == "kunder" else ("sales", "customers")
    said = node.good("profile", "new", files[order[1]], *NAMED).out
    assert f"Added the layout '{added}' to {written(node)}, which has '{had}' already" in said
    assert written(node).read_bytes().startswith(before)
    assert layouts(written(node)) == [had, added]
    imported = node.good("import", files[order[0]], files[order[1]], "--json").json
    assert {each["system"] for each in imported["files"]} == {"billett2"}
    assert sum(each["lines_new"] for each in imported["files"]) == 2
    assert imported["customers"] == 2
    assert node.good("profile", "show", "billett2", "--json").json["title"] == "Billettkassa"


def test_a_file_that_a_layout_reads_already_is_refused_as_before(node: Node, files: dict[str, Path]) -> None:
    node.good("profile", "new", files["kunder"], *NAMED)
    node.good("profile", "new", files["kundesalg"], *NAMED)
    before = written(node).read_bytes()
    for file in (files["kunder"], files["kundesalg"]):
        refused = node("profile", "new", file, *NAMED)
        assert refused.status == 2
        assert f"{written(node)} is there already. Write over it with --replace" in refused.err
    assert written(node).read_bytes() == before


def test_another_form_of_the_same_kind_has_a_name_of_its_own(node: Node, files: dict[str, Path]) -> None:
    for name in ("kunder", "kundesalg", "nettsalg"):
        node.good("profile", "new", files[name], *NAMED)
    assert layouts(written(node)) == ["customers", "sales", "sales 2"]


def test_a_template_that_was_completed_takes_another_kind_of_file(node: Node, files: dict[str, Path]) -> None:
    said = node.good("profile", "new", files["kunder"], "--system", "hoopla", "--accept").out
    assert "a row is a customer" in said
    said = node.good("profile", "new", files["kundesalg"], "--system", "hoopla", "--accept").out
    assert "which has 'customers' already" in said
    files_read = node.good("import", files["kunder"], files["kundesalg"], "--json").json["files"]
    assert [(each["system"], each["lines_new"]) for each in files_read] == [("hoopla", 0), ("hoopla", 2)]


def test_a_profile_is_found_by_its_name_whatever_its_file_is_called(node: Node, files: dict[str, Path]) -> None:
    node.good("profile", "new", files["kunder"], *NAMED)
    renamed = written(node, "my-system")
    written(node).rename(renamed)
    node.good("profile", "new", files["kundesalg"], *NAMED)
    assert layouts(renamed) == ["customers", "sales"]
    assert not written(node).exists()


def test_files_that_are_called_alike_are_not_taken_for_one_system(
    node: Node, files: dict[str, Path], tmp_path: Path
) -> None:
    node.good("profile", "new", files["kunder"], "--accept")
    alike = tmp_path / "kunder-2025.csv"
    alike.write_text(SALES, encoding="utf-8")
    refused = node("profile", "new", alike, "--accept")
    assert refused.status == 2
    assert "add it with --name kunder" in refused.err
    assert layouts(written(node, "kunder")) == ["customers"]


def test_a_layout_that_would_take_another_ones_files_is_not_added(node: Node, files: dict[str, Path]) -> None:
    node.good("profile", "new", files["nettsalg"], *NAMED)
    file = written(node)
    text = file.read_text(encoding="utf-8")
    line = next(each for each in text.splitlines() if each.startswith("recognise"))
    file.write_text(text.replace(line, 'recognise = ["Ordrenr", "Dato"]'), encoding="utf-8")
    refused = node("profile", "new", files["kunder"], *NAMED)
    assert refused.status == 2
    assert "its layout 'sales' names too few headers under `recognise`" in refused.err
    assert layouts(file) == ["sales"]


def test_what_is_no_profile_is_never_added_to(node: Node, files: dict[str, Path], tmp_path: Path) -> None:
    notes = tmp_path / "notes.toml"
    notes.write_text("Call Kari\n", encoding="utf-8")
    refused = node("profile", "new", files["kunder"], *NAMED, "--out", notes)
    assert refused.status == 2
    assert "is there already" in refused.err
    assert notes.read_text(encoding="utf-8") == "Call Kari\n"


def test_on_a_terminal_it_asks_whether_to_add(node: Node, files: dict[str, Path]) -> None:
    node.good("profile", "new", files["kunder"], *NAMED)
    words = ("profile", "new", files["kundesalg"], "--name", "billett2")
    left = on_terminal(node, *words, columns=160, answer="\nn\n\x04")
    assert "Add the layout 'sales' to" in left.out
    assert layouts(written(node)) == ["customers"]
    ended = on_terminal(node, *words, columns=160, answer="\ny\n\x04")
    assert ended.status == 0, ended.out
    assert layouts(written(node)) == ["customers", "sales"]


def test_a_file_of_sales_that_only_a_layout_of_customers_fits_is_told(node: Node, files: dict[str, Path]) -> None:
    """Its buyers are read, and no sale of it: that must not pass for an import of sales."""
    files["kunder"].write_text("Kundenr;E-post;Mobil\n17;kari@example.no;40612345\n", encoding="utf-8")
    node.good("profile", "new", files["kunder"], *NAMED)
    node.good("import", files["kunder"])
    said = node("import", files["nettsalg"]).err
    assert "nettsalg.csv was read as a list of customers, and no sale of it" in said
    assert "'Ordrenr' and 'Beløp'" in said
    assert said.rstrip().endswith("profile new nettsalg.csv --name billett2")
    node.good("profile", "new", files["nettsalg"], *NAMED)
    assert node.good("import", files["nettsalg"], "--json").json["files"][0]["lines_new"] == 2
