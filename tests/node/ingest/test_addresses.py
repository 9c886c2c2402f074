"""What is told of many addresses at once is what is told of each."""

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from node.ingest.addresses import plainly_own
from privacy.identity.normalise import normalise_email
from privacy.identity.placeholder import ROLES, is_placeholder

OWN = frozenset({"teater.no", "billett.teater.no"})
LOCAL = st.one_of(
    st.sampled_from(sorted(ROLES)),
    st.builds("{}{}".format, st.sampled_from(sorted(ROLES)), st.from_regex(r"[-_.+0-9a-z]{0,4}", fullmatch=True)),
    st.from_regex(r"[a-zA-Z0-9.+_ æ-]{0,12}", fullmatch=True),
)
DOMAIN = st.one_of(
    st.sampled_from(
        ["gmail.com", "googlemail.com", "notgmail.com", "teater.no", "a.teater.no", "etteater.no", "nrk.no"]
    ),
    st.from_regex(r"[a-z0-9.-]{0,70}\.[a-zæ]{1,4}", fullmatch=True),
)
ADDRESS = st.one_of(st.builds("{}@{}".format, LOCAL, DOMAIN), st.text(max_size=20))


@given(ADDRESS, st.sampled_from([OWN, frozenset()]))
@example("kari@nrk.no\n", OWN)
@example("kari@nrk.no", frozenset())
def test_what_is_flagged_is_spelt_and_owned_as_the_kernel_says(text: str, own: frozenset[str]) -> None:
    if plainly_own(pa.array([text]), own)[0]:
        assert normalise_email(text) == text
        assert not is_placeholder(text, own)


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("kari.nordmann@nrk.no", True),
        ("kasserer@nrk.no", True),
        ("kasse@nrk.no", False),
        ("kasse-2@nrk.no", False),
        ("Kari@nrk.no", False),
        ("kari@gmail.com", False),
        ("kari@teater.no", False),
        ("kari@salg.teater.no", False),
        ("kari@etteater.no", True),
        ("kari@nrk.no ", False),
        ("", False),
    ],
)
def test_most_are_flagged_and_doubtful_ones_are_not(text: str, flagged: bool) -> None:
    assert plainly_own(pa.array([text]), OWN).tolist() == [flagged]
