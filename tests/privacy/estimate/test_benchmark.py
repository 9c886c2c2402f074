"""A benchmark's bytes: one form, read back whole or refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from privacy.bounds.windows import Window
from privacy.catalogue.measures import Measure
from privacy.estimate.benchmark import BENCHMARK, BadBenchmark, Benchmark, Included, parse, publish, read, serialise
from privacy.estimate.body import SUM_NAMES
from privacy.estimate.combine import combine
from privacy.estimate.layout import layout_of
from privacy.rounds.fit import ranges_of
from privacy.signing.envelope import RELEASE, sign
from privacy.studies.price import price
from tests.privacy.estimate.networks import STUDY, even, houses, mostly_first, position

DIGEST = "sha256:" + "ab" * 32
MEMBERS = houses(museum=6, festival=5, other=2)
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def benchmark() -> Benchmark:
    """With cells of every status."""
    values = even(STUDY, len(MEMBERS))
    mostly_first(STUDY, values, "channel", "app", [Measure.TICKETS])
    error = layout_of(STUDY).variances[position(STUDY, "flow", "lost", Measure.CUSTOMERS)] ** 0.5
    some = [40, -39, 40, -39, 40, -39, 40, -39, 40, -39, 0, 0, 0]
    values[:, position(STUDY, "flow", "lost", Measure.CUSTOMERS)] = np.rint(np.array(some) * error / 2)
    return Benchmark(
        coordinator="kudos.example",
        round="spring-2026",
        version=1,
        supersedes=None,
        reason=None,
        study=STUDY.name,
        study_version=STUDY.version,
        study_digest=STUDY.digest,
        window=Window(date(2025, 1, 1), date(2025, 12, 31)),
        published=datetime(2026, 2, 1, 12, tzinfo=UTC),
        releases=tuple(Included(member.member, DIGEST) for member in MEMBERS),
        body=combine(STUDY, MEMBERS, values),
    )


ONE = benchmark()
PAYLOAD = serialise(ONE)


def test_it_is_read_back_as_it_is() -> None:
    assert parse(PAYLOAD) == ONE
    assert {cell.status for cell in ONE.body.cells} == {"published", "unreliable", "suppressed"}
    assert {str(cell.reason) for cell in ONE.body.cells} >= {"DOMINATED", "COMPLEMENTARY", "INTERVAL_UNBOUNDED"}
    assert [line.status for line in ONE.body.cohorts].count("suppressed") >= 1


def test_the_payload_is_canonical_json() -> None:
    assert rfc8785.dumps(json.loads(PAYLOAD)) == PAYLOAD


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
def test_text_is_escaped_as_rfc_8785_does(reason: str) -> None:
    later = replace(ONE, version=2, supersedes=DIGEST, reason=reason, body=replace(ONE.body, cells=()))
    payload = serialise(later)
    assert rfc8785.dumps(json.loads(payload)) == payload
    assert parse(payload) == later


def test_signed_and_read() -> None:
    envelope = publish(ONE, KEY)
    assert read(envelope, KEY.public_key()) == ONE
    with pytest.raises(BadBenchmark, match="coordinator"):
        read(envelope, Ed25519PrivateKey.from_private_bytes(b"x" * 32).public_key())
    with pytest.raises(BadBenchmark):
        read(sign(RELEASE, PAYLOAD, KEY), KEY.public_key())
    assert read(sign(BENCHMARK, PAYLOAD, KEY), KEY.public_key()) == ONE
    assert BadBenchmark.reason == "BAD_BENCHMARK"


def canonical(content: dict[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def first(content: dict[str, Any], status: str, sums: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = next(
        cell
        for cell in content["cells"]
        if cell["status"] == status and isinstance(cell["value"], int) == sums and cell["reason"] is None
    )
    return found


def hidden(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(cell for cell in content["cells"] if cell["status"] == "suppressed")
    return found


CHANGES: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("a version of the format", lambda c: c.update(v=2)),
    ("a field too many", lambda c: c.update(more=1)),
    ("a field too few", lambda c: c.pop("round")),
    ("a second version of nothing", lambda c: c.update(version=2)),
    ("a first version that supersedes", lambda c: c.update(supersedes=DIGEST, reason="why")),
    ("version 0", lambda c: c.update(version=0, supersedes=DIGEST, reason="why")),
    ("a digest", lambda c: c.update(study_digest="sha256:00")),
    ("no such day", lambda c: c.update(window_first="2025-02-30")),
    ("a window backwards", lambda c: c.update(window_first="2026-01-01")),
    ("a time in another form", lambda c: c.update(published="2026-02-01T12:00:00+00:00")),
    ("members out of order", lambda c: c["releases"].reverse()),
    ("a member twice", lambda c: c["releases"].insert(0, c["releases"][0])),
    ("a release too few", lambda c: c["releases"].pop()),
    ("a release of more", lambda c: c["releases"][0].update(name="x")),
    ("cohorts out of order", lambda c: c["cohorts"].reverse()),
    ("a cohort twice", lambda c: c["cohorts"].insert(0, c["cohorts"][0])),
    ("a cohort of no kind", lambda c: c["cohorts"][-1].update(cohort="region:03")),
    ("a county with an industry", lambda c: c["cohorts"][-1].update(cohort="county:museum:03")),
    ("a cohort larger than the network", lambda c: c["cohorts"][-1].update(members=99)),
    ("a published cohort with a reason", lambda c: c["cohorts"][0].update(reason="DOMINATED")),
    ("a suppressed cohort without", lambda c: c["cohorts"][0].update(status="suppressed")),
    ("an unknown status", lambda c: c["cohorts"][0].update(status="late")),
    ("a cell of no cohort", lambda c: c["cells"][0].update(cohort="county:99")),
    ("a cell of other members", lambda c: c["cells"][0].update(members=7)),
    ("a cell twice", lambda c: c["cells"].insert(0, c["cells"][0])),
    ("cohorts mixed", lambda c: c["cells"].append(c["cells"].pop(0))),
    ("an unknown measure", lambda c: c["cells"][0].update(measure="visits")),
    ("a table without a name", lambda c: c["cells"][0].update(table="")),
    ("a float", lambda c: first(c, "published").update(value=1.5)),
    ("a truth value", lambda c: first(c, "published").update(value=True)),
    ("a sum as text", lambda c: first(c, "published").update(value="5")),
    ("a sum beyond 2^53", lambda c: first(c, "published").update(value=2**53, high=2**53)),
    ("a key figure as a number", lambda c: first(c, "published", sums=False).update(value=5)),
    ("too many decimals", lambda c: first(c, "published", sums=False).update(value="5.123456")),
    ("a sum without an error", lambda c: first(c, "published").update(standard_error=None)),
    ("a negative error", lambda c: first(c, "published").update(standard_error="-1.00")),
    ("a published sum without an interval", lambda c: first(c, "published").update(low=None, high=None)),
    ("an interval around something else", lambda c: first(c, "published").update(low=first(c, "published")["high"])),
    ("a published cell with a reason", lambda c: first(c, "published").update(reason="DOMINATED")),
    ("a suppressed cell that shows its value", lambda c: hidden(c).update(value=5)),
    ("a suppressed cell that shows its error", lambda c: hidden(c).update(standard_error="5.00")),
    ("a suppressed cell that shows an end", lambda c: hidden(c).update(low=5)),
    ("a suppressed cell without a reason", lambda c: hidden(c).update(reason=None)),
    ("something put back of a suppressed cell", lambda c: hidden(c).update(uncut=5, uncut_error="5.00")),
    ("something put back without an error", lambda c: first(c, "published").update(uncut=5)),
    ("an error of nothing that is put back", lambda c: first(c, "published").update(uncut_error="5.00")),
    ("a sum put back as text", lambda c: first(c, "published").update(uncut="5", uncut_error="5.00")),
    ("a negative sum put back", lambda c: first(c, "published").update(uncut=-5, uncut_error="5.00")),
    (
        "a key figure put back as a number",
        lambda c: first(c, "published", sums=False).update(uncut=5, uncut_error="5.00"),
    ),
    ("an unknown reason", lambda c: hidden(c).update(reason="SECRET")),
    (
        "one measure of a suppressed category",
        lambda c: hidden(c).update(
            first(c, "published")
            | {"table": hidden(c)["table"], "category": hidden(c)["category"], "measure": hidden(c)["measure"]}
        ),
    ),
]


@pytest.mark.parametrize(("what", "change"), CHANGES, ids=[what for what, _ in CHANGES])
def test_what_contradicts_itself_is_refused(what: str, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(PAYLOAD)
    change(content)
    payload = canonical(content)
    assert payload != PAYLOAD
    with pytest.raises(BadBenchmark):
        parse(payload)


def test_a_ratio_of_what_is_suppressed_is_refused() -> None:
    """Where it is published: then whoever knows one of its two parts has the other."""
    content = json.loads(PAYLOAD)
    ratio = first(content, "published", sums=False)
    place = ("cohort", "table", "category")
    shown = dict(ratio)
    of_it = [cell for cell in content["cells"] if all(cell[name] == ratio[name] for name in place)]
    sums = [cell for cell in of_it if cell["measure"] in SUM_NAMES.values()]
    assert len(sums) == 4
    nothing = dict.fromkeys(("value", "standard_error", "low", "high"))
    for cell in of_it:
        cell.update(nothing, status="suppressed", reason="DOMINATED")
    parse(canonical(content))
    ratio.update(shown)
    with pytest.raises(BadBenchmark, match="ratio of what is suppressed"):
        parse(canonical(content))


def test_another_spelling_of_the_same_is_refused() -> None:
    with pytest.raises(BadBenchmark, match="canonical"):
        parse(json.dumps(json.loads(PAYLOAD)).encode())
    with pytest.raises(BadBenchmark, match="canonical"):
        parse(PAYLOAD + b"\n")


@given(st.binary(max_size=40))
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(BadBenchmark):
        parse(content)


def test_what_would_not_be_read_back_is_not_written() -> None:
    with pytest.raises(BadBenchmark):
        serialise(replace(ONE, round="Spring 2026"))
    with pytest.raises(BadBenchmark):
        serialise(replace(ONE, releases=ONE.releases[::-1]))
    with pytest.raises(BadBenchmark):
        serialise(replace(ONE, version=2, supersedes=DIGEST, reason="a lone surrogate \ud800"))


def test_the_same_releases_give_the_same_bytes() -> None:
    assert serialise(benchmark()) == PAYLOAD


@pytest.mark.parametrize("end", [-1, 0], ids=["the largest", "the least"])
@pytest.mark.parametrize("liars", [1, len(MEMBERS)])
def test_whatever_is_admitted_can_be_published(end: int, liars: int) -> None:
    """Figures at either end of what a release may have, of one member or of all."""
    values = even(STUDY, len(MEMBERS), 10**6)
    values[:liars] = [each[end] for priced in price(STUDY).parts for each in ranges_of(priced)]
    one = replace(ONE, body=combine(STUDY, MEMBERS, values))
    assert parse(serialise(one)) == one
