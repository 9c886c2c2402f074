"""Addresses of tills and offices are told from those of people."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy.identity.normalise import normalise_email
from privacy.identity.placeholder import ROLES, is_placeholder

NONE_OWN: frozenset[str] = frozenset()
OWN = frozenset({"museum-vest.no", "xn--blbr-roah.no"})


@settings(deadline=None)
@given(st.sampled_from(sorted(ROLES)), st.sampled_from(["", "1", "-2", ".03", "+sal", "7+sal"]))
def test_a_role_is_a_placeholder_at_any_domain(role: str, ending: str) -> None:
    address = normalise_email(f"{role}{ending}@kulturhus.no".upper())
    assert address is not None
    assert is_placeholder(address, NONE_OWN)


def test_every_role_can_occur_in_a_normalised_address() -> None:
    for role in ROLES:
        assert normalise_email(f"{role}@nrk.no") == f"{role}@nrk.no"
        assert "+" not in role
        assert not role[-1].isdigit()


@pytest.mark.parametrize("address", ["kari@museum-vest.no", "ola@billett.museum-vest.no", "kari@xn--blbr-roah.no"])
def test_the_institutions_own_domains_are_placeholders(address: str) -> None:
    assert is_placeholder(address, OWN)
    assert not is_placeholder(address, NONE_OWN)


@pytest.mark.parametrize(
    "address",
    [
        "kari@online.no",
        "kari@notmuseum-vest.no",
        "kari@museum-vest.no.com",
        "postman@online.no",
        "apost@nrk.no",
        "luka@nrk.no",
        "test.testesen@nrk.no",
        "1234@nrk.no",
        "+post@nrk.no",
        "kari+post@nrk.no",
        "kari.info@nrk.no",
    ],
)
def test_people_are_not_placeholders(address: str) -> None:
    assert not is_placeholder(address, OWN)
