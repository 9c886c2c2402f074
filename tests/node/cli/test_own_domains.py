"""The institution's own mail domains, however they are written: addresses there are no customers."""

import tomllib
from pathlib import Path

import pytest

from tests.node.cli.run import Node

HEAD = "order_id,line_id,ordered_at,event_id,ticket_type,quantity,amount,channel,state,email,postcode\n"


def made(home: Path, *domains: str) -> Node:
    node = Node(home)
    words = [word for domain in domains for word in ("--own-domain", domain)]
    node.good("init", "--standalone", "--name", "X", "--industry", "other", "--county", "03", *words)
    return node


def kept(node: Node) -> list[str]:
    settings = tomllib.loads((node.home / "settings.toml").read_text(encoding="utf-8"))
    return [str(domain) for domain in settings["own_domains"]]


def customers(node: Node, *addresses: str) -> int:
    """How many customers there are once each address has bought something."""
    file = node.home.with_name("sales.csv")
    rows = "".join(
        f"{number},1,2025-03-01T18:00:00+01:00,E1,Ordinær,1,100.00,web,paid,{address},5003\n"
        for number, address in enumerate(addresses)
    )
    file.write_text(HEAD + rows, encoding="utf-8")
    count = node.good("import", file, "--json").json["customers"]
    assert isinstance(count, int)
    return count


@pytest.mark.parametrize(
    ("written", "as_kept"),
    [
        ("NordScenen.NO", "nordscenen.no"),
        ("@nordscenen.no", "nordscenen.no"),
        (" nordscenen.no ", "nordscenen.no"),
        ("BlåbærScenen.no", "xn--blbrscenen-25an.no"),
        ("blåbærscenen.no", "xn--blbrscenen-25an.no"),
        ("XN--blbrscenen-25an.no", "xn--blbrscenen-25an.no"),
        ("post.nordscenen.no", "post.nordscenen.no"),
    ],
)
def test_init_keeps_a_domain_in_one_spelling(tmp_path: Path, written: str, as_kept: str) -> None:
    assert kept(made(tmp_path / "home", written)) == [as_kept]


@pytest.mark.parametrize("written", ["nordscenen.no.", "nordscenen", "kasse@nordscenen.no", "nord scenen.no", ""])
def test_init_refuses_what_is_no_mail_domain(tmp_path: Path, written: str) -> None:
    ended = Node(tmp_path / "home")(
        "init", "--standalone", "--name", "X", "--industry", "other", "--county", "03", "--own-domain", written
    )
    assert ended.status == 2
    assert "--own-domain" in ended.err
    assert not (tmp_path / "home").exists()


STAFF = [
    "luka@nordscenen.no",
    "Luka@NORDSCENEN.NO",
    "a@post.nordscenen.no",
    "b@blåbærscenen.no",
    "c@Xn--blbrscenen-25an.no",
]
OTHERS = ["kari@example.no", "ola@notnordscenen.no"]


@pytest.mark.parametrize("by_hand", [False, True])
def test_addresses_there_are_no_customers(tmp_path: Path, by_hand: bool) -> None:
    """Also where somebody wrote the domains into settings.toml as they like to write them."""
    domains = ["NordScenen.NO", "BlåbærScenen.no"]
    if by_hand:
        node = made(tmp_path / "home")
        settings = node.home / "settings.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("own_domains = []", f"own_domains = {domains}"), encoding="utf-8")
        assert kept(node) == domains
    else:
        node = made(tmp_path / "home", *domains)
    assert customers(node, *STAFF, *OTHERS) == len(OTHERS)


def test_without_own_domains_they_are(tmp_path: Path) -> None:
    assert customers(made(tmp_path / "home"), "luka@nordscenen.no", "kari@example.no") == 2
