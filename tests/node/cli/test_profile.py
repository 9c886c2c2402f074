"""kudos-node profile and systems, as somebody uses them who has an export that no profile knows."""

from pathlib import Path

import pytest

from tests.node.cli.run import Node, initialised, on_terminal
from tests.node.ingest.harmonised import DOCUMENTED

EXPORT = (
    "Bilag;Bestilt;Klokka;Forestilling;Billettype;Antall;Sum;Kanal;Status;Selger;Epost\n"
    "1001;13.02.2025;18:20;Vildanden;Voksen;1;1.250,-;Nett;Oppgjort;Per;kari@example.no\n"
    "1002;14.02.2025;11:05;Vildanden;Honnør;1;320,-;Luka;Reservert;Per;\n"
)
END = "\x04"
"""Ends the typing, so that a question too many ends the command and not the patience."""

TOLD = ("--value", "state.Oppgjort=paid")


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return initialised(tmp_path / "home")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "billettluka-2025.csv"
    file.write_bytes(EXPORT.encode("windows-1252"))
    return file


def test_from_an_unknown_export_to_its_sales(node: Node, export: Path) -> None:
    refused = node("import", export)
    assert refused.status == 1
    assert f"profile new {export}" in refused.err
    made = node.good("profile", "new", export, "--accept", *TOLD)
    assert f"kudos-node --home {node.home} import {export}" in made.out
    imported = node.good("import", export, "--json").json
    item = imported["files"][0]
    assert (item["system"], item["lines_new"], item["rejected"]) == ("billettluka", 1, 0)
    assert imported["customers"] == 1


def test_without_a_terminal_nothing_is_written_unless_it_is_accepted(node: Node, export: Path) -> None:
    looked = node("profile", "new", export)
    assert looked.status == 1
    assert "--accept" in looked.err
    assert "What does 'Oppgjort' in 'Status' mean?" in looked.out
    proposal = node.good("profile", "new", export, "--json").json
    assert proposal["profile_file"] is None
    assert {each["column"]: each["field"] for each in proposal["columns"]}["Sum"] == "amount"
    assert [each["about"] for each in proposal["questions"]] == ["value:state:Oppgjort"]
    assert not list((node.home / "profiles").glob("*"))
    assert "kari" not in looked.out + str(proposal)


def test_a_column_is_told_and_another_is_left_out(node: Node, export: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    words = ("--accept", "--set", "Selger=price_zone", "--set", "kanal=-", "--name", "luka", "--out", out, *TOLD)
    node.good("profile", "new", export, *words)
    text = out.read_text(encoding="utf-8")
    assert 'price_zone = "Selger"' in text
    assert "channel =" not in text
    assert 'name = "luka"' in text
    again = node("profile", "new", export, *words)
    assert again.status == 2
    assert "--replace" in again.err
    node.good("profile", "new", export, *words, "--replace")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "Bilag"), "COLUMN=FIELD"),
        (("--set", "Bilag=ordre"), "'ordre'"),
        (("--set", "Bilagsnr=order_id"), "'Bilagsnr'"),
        (("--value", "state=paid"), "FIELD.WORD=MEANING"),
        (("--name", "Luka 2"), "--name"),
        (("--system", "billettmaster"), "billettmaster"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(node: Node, export: Path, words: tuple[str, ...], said: str) -> None:
    ended = node("profile", "new", export, "--accept", *words)
    assert ended.status in (1, 2)
    assert said in ended.err
    assert not list((node.home / "profiles").glob("*"))


def test_on_a_terminal_it_asks_shows_and_writes(node: Node, export: Path) -> None:
    answers = "\n".join(["10", "price_zone", "", "1", "y", END])
    ended = on_terminal(node, "profile", "new", export, columns=160, answer=answers)
    assert ended.status == 0, ended.out
    for text in ("the number of a column to change", "What does 'Oppgjort'", "1250.00", "customer 1", "Written:"):
        assert text in ended.out
    assert "kari" not in ended.out
    text = (node.home / "profiles" / "billettluka.toml").read_text(encoding="utf-8")
    assert 'price_zone = "Selger"' in text
    assert '"Oppgjort" = "paid"' in text


def test_on_a_terminal_no_writes_nothing(node: Node, export: Path) -> None:
    ended = on_terminal(node, "profile", "new", export, columns=160, answer="\n1\nn\n" + END)
    assert ended.status == 1
    assert not list((node.home / "profiles").glob("*"))


def test_what_is_needed_is_never_left_out_silently(node: Node, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("Aaa;Dato;Sum\nx;14.02.2025;100,00\n", encoding="utf-8")
    ended = node("profile", "new", file, "--accept")
    assert ended.status == 1
    assert "order_id" in ended.err
    assert "--set COLUMN=order_id" in ended.err


def test_a_profile_is_corrected_without_an_editor(node: Node, export: Path) -> None:
    node.good("profile", "new", export, "--accept")
    refused = node("import", export)
    assert refused.status == 1
    assert "profile set NAME --value state.WORD=paid" in refused.err
    changed = node.good("profile", "set", "--value", "state.Oppgjort=paid", "--skip", "Bilag=1002", "--json").json
    assert changed["changes"] == ["state 'Oppgjort' is paid", "rows are left out where Bilag is '1002'"]
    assert node.good("import", export, "--json").json["files"][0]["lines_new"] == 1
    text = (node.home / "profiles" / "billettluka.toml").read_text(encoding="utf-8")
    assert "# Keep `name` as it is for ever" in text


def test_a_shipped_profile_is_copied_and_the_copy_corrected(node: Node, tmp_path: Path) -> None:
    shipped = tmp_path / "orders.json"
    shipped.write_bytes((DOCUMENTED / "tessitura.orders.json").read_bytes())
    assert node("import", shipped).status == 1
    states = [word for pair in ("3=paid", "2=reserved", "4=returned") for word in ("--value", f"state.{pair}")]
    said = node.good("profile", "set", "tessitura", "--layout", "orders", *states)
    assert "copied into" in said.out
    item = node.good("import", shipped, "--json").json["files"][0]
    assert (item["system"], item["lines_new"], item["rejected"]) == ("tessitura", 3, 0)
    assert [each["basis"] for each in node.good("systems", "--json").json if each["name"] == "tessitura"] == ["own"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Which profile?"),
        (("hoopla", "--decimal", ","), "template"),
        (("tixly",), "Say what to correct"),
        (("pretix", "--decimal", ","), "--layout"),
        (("tixly", "--value", "state.x=sold", "--layout", "sales"), "'sold'"),
    ],
)
def test_a_correction_that_says_nothing_or_nonsense_is_refused(node: Node, words: tuple[str, ...], said: str) -> None:
    ended = node("profile", "set", *words)
    assert ended.status in (1, 2)
    assert said in ended.err
    assert not list((node.home / "profiles").glob("*"))


def test_a_profile_is_shown_and_checked(node: Node, export: Path, tmp_path: Path) -> None:
    shown = node.good("profile", "show", "hoopla")
    assert "profile new FILE --system hoopla" in shown.out
    assert "LineItems.SubLineItems" in node.good("profile", "show", "tessitura").out
    toml = node.good("profile", "show", "pretix", "--toml").out
    copy = tmp_path / "pretix.toml"
    copy.write_text(toml, encoding="utf-8")
    node.good("profile", "check", copy)
    node.good("profile", "new", export, "--accept", "--out", tmp_path / "luka.toml")
    tried = node("profile", "check", tmp_path / "luka.toml", export)
    assert tried.status == 1
    assert "is no state that I know" in tried.out
    copy.write_text(toml.replace("resource =", "resources ="), encoding="utf-8")
    wrong = node("profile", "check", copy)
    assert wrong.status == 1
    assert "pretix.toml: layout.0.resource" in wrong.err


NETWORK = (
    "Tixly, TicketCo, Eventim, Ticketmaster, Ebillett, Enjoy.ly, Duell, Hoopla, Business Central, PCKasse, Reztic, "
    "TrekkSoft, SRO, Tikkio, DX, Tessitura, Museumbillett, Billetten, Datanova, TagTool, MarketHype, pretix, own system"
)


def test_every_system_of_the_network_is_there_and_says_on_what_it_rests(node: Node) -> None:
    systems = node.good("systems", "--json").json
    titles = " ".join(each["title"] for each in systems).casefold()
    for name in NETWORK.split(", "):
        assert name.casefold() in titles
    basis = {each["name"]: each["basis"] for each in systems}
    assert basis["pretix"] == "verified"
    assert {name for name, rests in basis.items() if rests == "documented"} == {
        "tixly", "ticketco", "ticketmaster", "tessitura", "business-central",
    }  # fmt: skip
    for each in systems:
        if each["basis"] == "documented":
            assert "Not yet run against" in each["rests_on"]
        if each["basis"] == "template":
            assert each["export"]
            sales = [layout for layout in each["layouts"] if layout["resource"] in ("order_lines", "orders")]
            assert sales == []


def test_a_template_is_completed_with_an_export(node: Node, export: Path) -> None:
    refused = node("import", export, "--system", "hoopla")
    assert refused.status == 1
    assert f"profile new {export} --system hoopla" in refused.err
    node.good("profile", "new", export, "--system", "hoopla", "--accept", *TOLD)
    item = node.good("import", export, "--system", "hoopla", "--json").json["files"][0]
    assert (item["system"], item["lines_new"]) == ("hoopla", 1)


def test_files_are_validated_with_an_exit_status(node: Node, tmp_path: Path) -> None:
    said = node.good("standard", "--out", tmp_path / "kudos")
    assert "sample" in said.out
    sample = tmp_path / "kudos" / "sample"
    good = node.good("validate", *sorted(sample.glob("*.csv")), "--json").json
    assert good["valid"] is True
    assert [each["resource"] for each in good["files"]] == ["customers", "events", "order_lines"]
    lines = sample / "order_lines.csv"
    lines.write_text(lines.read_text(encoding="utf-8").replace("840.00", '"840,-"'), encoding="utf-8")
    bad = node("validate", lines)
    assert bad.status == 1
    assert 'line 2, column "amount": "840,-" is no number of kroner' in bad.out
    assert "at most two decimals" in bad.out
    report = node("validate", lines, "--json").json
    assert report["files"][0]["lines"][0] == {
        "line": 2, "column": "amount", "value": "840,-",
        "reason": "is no number of kroner with a point, such as 395.00",
        "remedy": "Write kroner with a point and at most two decimals: 1250.00",
    }  # fmt: skip


def test_an_export_is_validated_against_the_profile_of_its_system(node: Node) -> None:
    node.good("validate", DOCUMENTED / "tixly.sales.json", "--system", "tixly")
    bad = node("validate", DOCUMENTED / "tessitura.orders.json", "--system", "auto")
    assert bad.status == 1
    assert "is no state that I know" in bad.out


def test_commands_to_copy_name_files_with_spaces(node: Node, export: Path, tmp_path: Path) -> None:
    spaced = tmp_path / "salg i mai.csv"
    spaced.write_bytes(export.read_bytes())
    said = node.good("profile", "new", spaced, "--accept", "--out", tmp_path / "min profil.toml", *TOLD).out
    assert f" import '{spaced}' --system '{tmp_path / 'min profil.toml'}'" in said


def test_the_advice_to_correct_a_profile_elsewhere_works(node: Node, export: Path, tmp_path: Path) -> None:
    out = tmp_path / "min profil.toml"
    said = node.good("profile", "new", export, "--accept", "--out", out, *TOLD).out
    assert f" profile set '{out}' --help" in said
    node.good("profile", "set", out, "--value", "channel.Luka=box_office")
    assert " profile set billettluka --help" in node.good("profile", "new", export, "--accept", *TOLD).out


UNREADABLE = "Ordrenr;Dato;Beløp;Status\n1;14.02.2025;100,00;Oppgjort\n2;15.02.2025;100,00;Oppgjort\n"


@pytest.fixture
def unreadable(tmp_path: Path) -> Path:
    """An export whose every row has a state that nobody knows."""
    file = tmp_path / "luka.csv"
    file.write_text(UNREADABLE, encoding="utf-8")
    return file


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_a_profile_that_reads_no_row_is_not_accepted(node: Node, unreadable: Path, words: tuple[str, ...]) -> None:
    refused = node("profile", "new", unreadable, "--accept", *words)
    assert refused.status == 1
    for text in ("no row can be read", "2 rows", "is no state that I know", "--value FIELD.WORD=MEANING"):
        assert text in refused.out + refused.err
    assert "from now on" not in refused.out
    assert not list((node.home / "profiles").glob("*"))
    node.good("profile", "new", unreadable, "--accept", *TOLD)


@pytest.mark.parametrize(("answer", "written"), [("", []), ("y", ["luka.toml"])])
def test_a_profile_that_reads_no_row_is_asked_about(
    node: Node, unreadable: Path, answer: str, written: list[str]
) -> None:
    ended = on_terminal(node, "profile", "new", unreadable, columns=160, answer=f"\n\n{answer}\n{END}")
    assert "No row can be read with it. Write it to" in ended.out
    assert [file.name for file in (node.home / "profiles").glob("*")] == written
    assert ended.status == (0 if written else 1)


def test_a_foreign_file_is_told_what_each_file_of_the_standard_needs(node: Node, tmp_path: Path) -> None:
    file = tmp_path / "noe.csv"
    file.write_text("Aaa,Bbb\n1,2\n", encoding="utf-8")
    bad = node("validate", file)
    assert bad.status == 1
    assert "customers: customer_key or email or phone …" in bad.out


def test_a_description_is_no_table_and_the_files_beside_it_are_checked(node: Node, tmp_path: Path) -> None:
    folder = tmp_path / "kudos"
    node.good("standard", "--out", folder)
    said = node.good("validate", *sorted(folder.iterdir())).out
    assert "datapackage.json   the description of the standard's files, and no table" in said
    assert said.count("· valid") == 3
    (folder / "order_lines.csv").write_bytes((folder / "sample" / "order_lines.csv").read_bytes())
    alone = node.good("validate", folder / "datapackage.json", "--json").json
    assert [(each["file"], each["rows"] > 0) for each in alone["files"]] == [
        ("datapackage.json", False), ("order_lines.csv", True),
    ]  # fmt: skip
