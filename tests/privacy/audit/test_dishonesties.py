"""Each kind of dishonesty is found under its own code, and honesty is found sound."""

import re
from pathlib import Path

import pytest

from privacy.audit.codes import CODES, Severity
from privacy.audit.network import audit_network
from privacy.audit.reading import open_bundle
from privacy.audit.verdict import Verdict
from tests.privacy.audit.dishonesties import ALL
from tests.privacy.audit.dishonesty.kinds import Dishonesty
from tests.privacy.audit.federation import federation
from tests.privacy.audit.test_honest_histories import HONEST
from tests.privacy.audit.test_other_findings import APART, OTHERS, VIOLATIONS
from tests.privacy.audit.test_watching import WATCHED

DOCS = Path(__file__).parents[3] / "docs" / "audit.md"


def test_an_honest_federation_is_sound(tmp_path: Path) -> None:
    with open_bundle(federation().write(tmp_path / "bundle.tar")) as bundle:
        report = audit_network(bundle)
    assert report.findings == ()
    assert report.verdict is Verdict.SOUND
    assert report.figures > 300


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.what)
def test_dishonesty_is_found(each: Dishonesty, tmp_path: Path) -> None:
    network = each.honest()
    each.change(network)
    with open_bundle(network.write(tmp_path / "bundle")) as bundle:
        report = audit_network(bundle)
    codes = {found.code for found in report.findings}
    assert each.code in codes, [str(found) for found in report.findings]
    assert report.verdict is Verdict.VIOLATION
    found = next(found for found in report.findings if found.code == each.code)
    assert found.severity is Severity.VIOLATION
    assert not found.file or bundle.has(found.file)
    unnamed = [each.sentence for each in report.findings if each.sentence.startswith(("It ", "Its "))]
    assert not unnamed, "a sentence that does not say what it is about"


def test_the_documentation_lists_what_is_done_here() -> None:
    text = DOCS.read_text(encoding="utf-8").partition("## What is found")[2].partition("And between two visits")[0]
    rows = re.findall(r"^\| (.+) \| (node|coordinator|both) \| `([A-Z_]+)` \|$", text, re.MULTILINE)
    assert rows == [(each.what, each.who, each.code) for each in ALL]
    assert len({each.what for each in ALL}) == len(ALL) >= 30


def test_every_code_that_the_documentation_names_is_one() -> None:
    named = re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", DOCS.read_text(encoding="utf-8"))
    assert set(named) <= CODES.keys()


def test_every_code_is_raised_by_a_test() -> None:
    """A code that nothing raises would promise what is not there."""
    raised = {each.code for each in ALL} | {code for _, code in (*VIOLATIONS, *OTHERS, *WATCHED)} | set(APART)
    raised |= {code for _, codes in HONEST for code in codes}
    raised.add("RECOVERY_UNDERSTATED")  # test_watching.test_what_a_recovery_gave_up_is_compared
    raised.add("REBOOKED_OVER_CAP")  # test_honest_histories.test_what_is_booked_again_above_the_cap_is_a_doubt
    raised.add("SECOND_ACCOUNTANT")  # test_costs.test_a_second_accountant_that_finds_more_objects
    assert raised == CODES.keys()
