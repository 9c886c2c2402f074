"""A store whose identity key was replaced: refused, and imported anew on request."""

import secrets
from pathlib import Path

from node.home import Home
from tests.node.cli.run import SALES, initialised, sales_file


def test_another_identity_key_wants_everything_anew(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    sales = sales_file(tmp_path)
    first = node.good("import", sales, "--json").json
    Home(node.home).identity_key_file.write_text(secrets.token_hex(32), encoding="ascii")
    refused = node("import", sales)
    assert refused.status == 1
    assert "--anew" in refused.err
    again = node.good("import", sales, "--anew", "--json").json
    assert again | {"seconds": 0} == first | {"seconds": 0}
    assert node.good("import", sales, "--json").json["files"][0]["lines_new"] == 0


def test_anew_compares_with_nothing_that_was_there(tmp_path: Path) -> None:
    """Neither the same file under another name nor a file without customers stands against what is taken out."""
    node = initialised(tmp_path / "home")
    node.good("import", sales_file(tmp_path), "--source", "old")
    assert node.good("import", tmp_path / "sales.csv", "--source", "new", "--anew", "--json").json["customers"] == 3
    nameless = tmp_path / "nameless.csv"
    nameless.write_text("".join(f"{line.rsplit(',', 2)[0]}\n" for line in SALES.splitlines()), encoding="utf-8")
    assert node("import", nameless, "--source", "new").status == 1
    assert node("import", nameless, "--source", "new", "--anew").status == 0


def test_the_doctor_reads_a_chain_of_several_keys(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    sales = sales_file(tmp_path)
    node.good("import", sales)
    file = Home(node.home).identity_key_file
    longer = f"{file.read_text(encoding='ascii').strip()}\n{secrets.token_hex(32)}\n"
    file.write_text(longer, encoding="ascii")
    findings = node("doctor", "--json").json
    assert [finding for finding in findings if finding["what"] == "keys" and finding["status"] != "good"] == []
    assert node.good("import", sales, "--json").json["files"][0]["lines_unchanged"] > 0
