"""One spelling for each address and number; the short cuts say what the long way says."""

import sys

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from privacy.identity import normalise
from privacy.identity.normalise import normalise_domain, normalise_email, normalise_phone

labels = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,9}[a-zA-Z0-9])?", fullmatch=True)
domains = st.one_of(
    st.sampled_from(["gmail.com", "GoogleMail.com", "notgmail.com", "mail.gmail.com", "nrk.no", "blåbær.no"]),
    st.lists(labels, min_size=1, max_size=4).map(".".join),
)
local_parts = st.one_of(
    st.text(st.sampled_from("aA.+zZ09_-'!{~"), min_size=1, max_size=8), st.text(min_size=0, max_size=8)
)
addresses = st.one_of(
    st.tuples(st.sampled_from(["", " ", "\t"]), local_parts, st.just("@"), domains, st.sampled_from(["", " "])).map(
        "".join
    ),
    st.text(st.sampled_from("aKſI.@-_ é\u0301\u200b\u00a0\x00+1。"), max_size=14),
    st.text(max_size=30),
)


@settings(deadline=None)
@given(addresses)
@example("a@" + "b" * 63 + ".no")
@example("a@" + "b" * 64 + ".no")
@example("a@bc--de.no")
@example("a@xn--a.no")
@example("a" * 247 + "@nrk.no")
@example("a" * 248 + "@nrk.no")
@example("." + "@gmail.com")
@example("a" * 245 + "@gmail.com")
@example("K\u212a\u0130@nrk.no")
def test_the_short_cut_for_plain_addresses_changes_nothing(text: str) -> None:
    assert normalise_email(text) == normalise._normalise_any_email(text)


@settings(deadline=None)
@given(addresses)
def test_an_address_that_is_normalised_stays_as_it_is(text: str) -> None:
    address = normalise_email(text)
    assert address is None or normalise_email(address) == address


@settings(deadline=None)
@given(local_parts, domains)
def test_case_and_edges_do_not_matter(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    if address.isascii():
        assert normalise_email(f"\t {address.upper()}\u00a0") == normalise_email(address.lower())


@settings(deadline=None)
@given(domains.map(lambda domain: domain.swapcase()))
def test_a_domain_alone_is_spelled_as_in_an_address(domain: str) -> None:
    address = normalise_email(f"kari@{domain}")
    if address is None or address == "kari@gmail.com":
        assert address is not None or normalise_domain(domain) is None
    else:
        assert address == f"kari@{normalise_domain(domain)}"


def test_dots_and_suffixes_are_dropped_in_gmail_only() -> None:
    assert normalise_email("O.la+konsert@googlemail.com") == "ola@gmail.com"
    assert normalise_email("O.la+konsert@online.no") == "o.la+konsert@online.no"
    assert normalise_email("o.la@mail.gmail.com") == "o.la@mail.gmail.com"
    assert normalise_email("o.la@notgmail.com") == "o.la@notgmail.com"


@pytest.mark.parametrize(
    "text",
    [
        "kari",
        "@nrk.no",
        "kari@",
        "kari@nrk",
        "a@b@c.no",
        "ka ri@nrk.no",
        "kari@n rk.no",
        "kari@ nrk.no",
        "kari@nrk.no.",
        "kari@nrk..no",
        "kari@.no",
        "ka\u200bri@nrk.no",
        "ka\nri@nrk.no",
        "kari@nrk.no\0",
        "<kari@nrk.no>",
        "\ud800@a.no",
        "kari@nrk.no;ola",
        "+x@gmail.com",
        "...@gmail.com",
        " " * 5000 + "a" * 5000,
    ],
)
def test_what_is_no_address_has_no_identity(text: str) -> None:
    assert normalise_email(text) is None


def test_the_limit_of_length_counts_octets_of_the_address() -> None:
    assert normalise_email("a" * 247 + "@nrk.no") is not None
    assert normalise_email("a" * 248 + "@nrk.no") is None
    assert normalise_email("ø" * 123 + "@nrk.no") is not None
    assert normalise_email("ø" * 124 + "@nrk.no") is None


def test_all_white_space_is_trimmed() -> None:
    white = [character for character in map(chr, range(sys.maxunicode + 1)) if character.isspace()]
    assert white
    for character in white:
        assert normalise._normalise_any_email(f"{character}kari@nrk.no{character}") == "kari@nrk.no"


def oracle(number: str) -> str | None:
    """What `phonenumbers` says of a number dialled in Norway."""
    try:
        parsed = phonenumbers.parse(number, "NO")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize("ending", ["0000", "4827", "9999"])
def test_every_norwegian_series_is_as_the_library_says(ending: str) -> None:
    wrong = [
        series
        for series in range(10_000)
        if normalise_phone(f"{series:04d}{ending}") != oracle(f"{series:04d}{ending}")
    ]
    assert wrong == []


def test_the_short_cut_covers_the_series_that_people_have() -> None:
    covered = [
        two_digits
        for two_digits in range(100)
        if all(normalise._NORWEGIAN_PHONE.fullmatch(f"{two_digits:02d}{rest:02d}0000") for rest in range(100))
    ]
    assert {21, 22, 40, 41, 46, 47, 48, 90, 99} <= set(covered)
    assert len(covered) > 40


@settings(deadline=None)
@given(
    st.sampled_from(["", "+47", "0047", "47", "+", "00", "'+47", "'", "(+47)", "+46", "+45"]),
    st.from_regex(r"[0-9]{4,9}", fullmatch=True),
    st.lists(st.integers(0, 12), max_size=4),
    st.sampled_from([" ", "  "]),
)
@example("47", "47123456", [], " ")
@example("", "4712345678", [], " ")
@example("(+47)", "21000000", [1], " ")
def test_prefixes_and_spaces_are_read_as_the_library_reads_them(
    prefix: str, digits: str, gaps: list[int], space: str
) -> None:
    written = prefix + digits
    for gap in gaps:
        written = written[:gap] + space + written[gap:]
    expected = oracle(written.lstrip().removeprefix("'"))
    if expected is not None and expected.startswith("+47") and len(expected) == len("+47") + 5:
        expected = None  # a switchboard
    assert normalise_phone(written) == expected == normalise._normalise_any_phone(written)


@settings(deadline=None)
@given(st.text(st.sampled_from("+047 12456789'()-./x٤\u202a"), max_size=16))
def test_a_number_that_is_normalised_stays_as_it_is(text: str) -> None:
    number = normalise_phone(text)
    assert number is None or normalise_phone(number) == number


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_read_without_an_exception(text: str) -> None:
    normalise_phone(text)
    normalise_domain(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "'",
        "+",
        "02000",
        "+4702000",
        "4061234",
        "406123456",
        "0701234567",
        "00000000",
        "ring 40612345",
        "40612345 ext 2",
        "40612345;40612346",
        "40612345/22334455",
        "40612345 +4740612346",
        "406AB345",
        "9" * 400,
    ],
)
def test_what_is_no_number_of_one_person_has_no_identity(text: str) -> None:
    assert normalise_phone(text) is None


def test_the_apostrophe_of_a_spreadsheet_is_dropped() -> None:
    assert normalise_phone("'+47 406 12 345") == "+4740612345"
    assert normalise_phone("'+46701234567") == "+46701234567"
    assert normalise_phone("\u202a(+47) 406-12-345\u202c") == "+4740612345"
