"""Rounds of a study link into a series; other digests, older versions and other members do not pass for the same."""

import csv
import io
import itertools
from datetime import date

from privacy.bounds.windows import Window, twelve_months_to
from privacy.estimate import series_rows
from privacy.estimate.body import MarketLine
from privacy.estimate.change import Change, NoChange
from privacy.estimate.series import Series, series_of
from tests.privacy.estimate.rounds_of import SIX, a_round, figure, lines, withheld

FIRST = a_round(2023, [figure("customers", 10_000), figure("retention", 0.40, 0.002)])
SECOND = a_round(2024, [figure("customers", 10_500), figure("retention", 0.401, 0.002)])
THIRD = a_round(2025, [figure("customers", 10_510), figure("retention", 0.45, 0.002)])


def one(*benchmarks: object) -> Series:
    (found,) = series_of(benchmarks)  # type: ignore[arg-type]
    return found


def test_rounds_link_by_the_end_of_their_window_whatever_their_order() -> None:
    for order in itertools.permutations((FIRST, SECOND, THIRD)):
        found = one(*order)
        assert [each.window.last.year for each in found.rounds] == [2023, 2024, 2025]
        customers, retention = found.lines()
        assert customers.key == ("network", "totals", "all", "customers")
        changes = [each for each in customers.changes if isinstance(each, Change)]
        assert [each.absolute.value for each in changes] == [500, 10]
        assert [each.within_noise for each in changes] == [False, True]
        assert [isinstance(each, Change) and each.within_noise for each in retention.changes] == [True, False]
        assert not found.passed_over


def test_another_version_or_digest_begins_a_series() -> None:
    other = a_round(2025, [figure("customers", 1)], study_version=2, digest="sha256:" + "9" * 64, name="new")
    same_version = a_round(2026, [figure("customers", 1)], digest="sha256:" + "8" * 64, name="odd")
    found = series_of([THIRD, other, FIRST, same_version, a_round(2025, [], study="other")])
    assert [(each.study, each.version, len(each.rounds)) for each in found] == [
        ("benchmark", 1, 2),
        ("benchmark", 1, 1),
        ("benchmark", 2, 1),
        ("other", 1, 1),
    ]


def test_of_a_window_the_newest_publication_counts() -> None:
    """A later version, or another round, of the same stored releases has their noise: the difference is no change."""
    corrected = a_round(2024, [figure("customers", 10_600)], version=2, name=SECOND.round)
    again = a_round(2024, [figure("customers", 10_700)], name="again", version=3)
    found = one(SECOND, corrected, FIRST)
    assert [(each.window.last.year, each.version) for each in found.rounds] == [(2023, 1), (2024, 2)]
    assert found.passed_over == (SECOND,)
    found = one(again, corrected, SECOND)
    assert found.rounds == (again,)
    assert set(found.passed_over) == {SECOND, corrected}
    assert not found.steps


def test_who_joined_and_left_is_counted_and_windows_that_share_days_are_said() -> None:
    joined = a_round(2025, [figure("customers", 9_000)], members=("house-0", *(f"new-{n}" for n in range(6))))
    (step,) = one(FIRST, joined).steps
    assert (step.stayed, step.joined, step.left, step.overlaps, step.same_members) == (1, 6, 5, False, False)
    rolling = a_round(twelve_months_to(date(2024, 6, 30)), [])
    first, second = one(FIRST, rolling, SECOND).steps
    assert (first.overlaps, second.overlaps, first.same_members) == (True, True, True)
    quarters = [
        a_round(Window(date(2025, 3 * n + 1, 1), date(2025, 3 * n + 3, 31 if n == 0 else 30)), [], name=f"q{n}")
        for n in range(2)
    ]
    assert [step.overlaps for step in one(*quarters).steps] == [False]


def test_what_is_withheld_unreliable_or_absent_stays_so_and_has_no_change() -> None:
    hidden = a_round(2024, [withheld("customers"), figure("retention", 0.4, 0.2, unreliable=True)])
    alone = a_round(2025, [figure("customers", 5)], cohorts=lines("network", withheld=("county:46",)))
    museums = lines("network", "county:46")
    with_county = a_round(2026, [figure("customers", 7, cohort="county:46")], cohorts=museums)
    found = one(FIRST, hidden, alone, with_county)
    said = {line.key[0] + line.key[3]: line for line in found.lines()}
    customers = said["networkcustomers"]
    assert customers.changes == ("DOMINATED", "DOMINATED", NoChange.NOT_THERE)
    assert [point.reason for point in customers.points] == [None, "DOMINATED", None, NoChange.NOT_THERE]
    assert said["networkretention"].changes[0] == NoChange.UNRELIABLE
    county = said["county:46customers"]
    assert [point.reason for point in county.points[:3]] == [NoChange.NOT_THERE] * 2 + ["TOO_FEW_MEMBERS"]
    assert county.changes == (NoChange.NOT_THERE, NoChange.NOT_THERE, "TOO_FEW_MEMBERS")
    assert county.members == (0, 0, 2, 6)
    assert found.cohorts == ("network", "county:46")


def test_lines_can_be_chosen() -> None:
    cells = [
        figure("customers", 100, table="month", category="03"),
        figure("orders", 100, table="month", category="03"),
        figure("orders", 100),
        figure("orders", 100, cohort="county:46"),
    ]
    found = one(a_round(2025, cells, cohorts=lines("network", "county:46")))
    assert len(found.lines()) == 4
    assert [line.key for line in found.lines(["network"], "month", "orders")] == [("network", "month", "03", "orders")]
    assert (found.tables, found.measures) == (("month", "totals"), ("customers", "orders"))


def test_cross_use_makes_no_series() -> None:
    from dataclasses import replace

    body = replace(FIRST.body, market=(MarketLine("house-0", "counted"),))
    assert series_of([replace(FIRST, body=body)]) == ()
    assert series_of([]) == ()


def test_json_and_csv_have_every_point_and_change() -> None:
    found = one(FIRST, SECOND, a_round(2025, [withheld("customers")], members=SIX[:5]))
    own = [{("totals", "all", "customers"): value} for value in (100.0, 110.0, None)]
    said = series_rows.as_json(found, found.lines(), own)
    assert [each["window"]["last"] for each in said["rounds"]] == ["2023-12-31", "2024-12-31", "2025-12-31"]
    assert said["steps"][1] == {"stayed": 5, "joined": 0, "left": 1, "windows_overlap": False}
    customers = next(each for each in said["figures"] if each["measure"] == "customers")
    assert [each["value"] for each in customers["points"]] == [10_000, 10_500, None]
    assert [each["own"] for each in customers["points"]] == [100.0, 110.0, None]
    first, second = customers["changes"]
    assert (first["change"], first["within_noise"], first["reason"]) == (500, False, None)
    assert (second["change"], second["within_noise"], second["reason"]) == (None, None, "DOMINATED")
    rows = list(csv.DictReader(io.StringIO(series_rows.as_csv([(found, found.lines(), own)]))))
    assert tuple(rows[0]) == series_rows.COLUMNS
    assert len(rows) == 6
    mine = [row for row in rows if row["measure"] == "customers"]
    assert [row["change"] for row in mine] == ["", "500.0", ""]
    assert [row["no_change"] for row in mine] == ["", "", "DOMINATED"]
    assert [row["joined"] for row in mine] == ["", "0", "0"]
    assert [row["own"] for row in mine] == ["100.0", "110.0", ""]
    without = series_rows.as_json(found, found.lines())
    assert "own" not in without["figures"][0]["points"][0]


def test_intervals_of_changes_lie_around_them_in_csv_as_in_json() -> None:
    found = one(FIRST, SECOND, THIRD)
    said = {each["measure"]: each["changes"] for each in series_rows.as_json(found, found.lines())["figures"]}
    rows = list(csv.DictReader(io.StringIO(series_rows.as_csv([(found, found.lines(), ())]))))
    checked = 0
    for measure, changes in said.items():
        mine = [row for row in rows if row["measure"] == measure]
        for row, change in zip(mine[1:], changes, strict=True):
            for kind, name in (("change", "change"), ("relative", "relative_change")):
                low, value, high = (float(row[column]) for column in (f"{kind}_low", name, f"{kind}_high"))
                assert low < value < high
                its = "" if kind == "change" else "relative_"
                assert (low, value, high) == (change[f"{its}low"], change[name], change[f"{its}high"])
                assert float(row[f"{kind}_standard_error"]) == change[f"{its}standard_error"]
                checked += 1
    assert checked == 8
