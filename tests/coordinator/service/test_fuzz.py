"""Every call takes whatever bytes come: a share of `tests.coordinator.service.fuzz`, some seconds of it."""

from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.coordinator.house import contents
from tests.coordinator.service.fuzz import Bench, bench, one


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("fuzz")) as found:
        yield found
    structlog.reset_defaults()


@settings(max_examples=300)
@given(st.randoms(use_true_random=False))
def test_bytes_that_no_node_sends_get_an_answer_or_a_refusal(ours: Bench, draw: object) -> None:
    for _ in range(5):
        one(ours, draw)  # type: ignore[arg-type]


@settings(max_examples=200)
@given(st.data())
def test_arbitrary_bytes_change_nothing(ours: Bench, data: st.DataObject) -> None:
    before = contents(ours.office.store)
    method = data.draw(st.sampled_from(ours.service.methods))
    requests = data.draw(st.lists(st.binary(max_size=200), max_size=3))
    certificate = data.draw(st.sampled_from(ours.certificates))
    ended = ours.call(method, requests, certificate)
    after = contents(ours.office.store)
    assert after == before or ended == "answered"


def test_every_call_is_among_them(ours: Bench) -> None:
    assert {method.rpartition("/")[2] for method in ours.service.methods} == set(ours.honest)
