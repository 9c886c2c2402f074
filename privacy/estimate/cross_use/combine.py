"""From the members' counts to what a round of cross-use shows.

A pure function of the study, of who is included, of who sketched, and of what was counted; coordinator and auditor both
call it. docs/cross-use.md has the rules, docs/cross-use-errors.md the errors.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from privacy.estimate.body import Body, Cell, CohortLine
from privacy.estimate.cohorts import NETWORK, Cohort, Member, cohorts_of
from privacy.estimate.cross_use import inhabitants
from privacy.estimate.cross_use.counts import Counted, Counts, gathered
from privacy.estimate.cross_use.deconvolution import NotConverged, Solved, solve
from privacy.estimate.cross_use.figures import Writer
from privacy.estimate.cross_use.groups import group_figures
from privacy.estimate.cross_use.pairs import block_cells, known_pairs, named_cells, unsafe_cohorts
from privacy.estimate.cross_use.reach import USES, multiplicity, observed_of, reach
from privacy.estimate.cross_use.shown import PAIR_KINDS, Shown
from privacy.estimate.cross_use.standing import Standing, standing_of
from privacy.estimate.cross_use.terms import Terms
from privacy.estimate.disclosure import admit
from privacy.estimate.errors import InvalidCohortsError
from privacy.estimate.reasons import Reason
from privacy.studies.cross_use import CrossUseStudy


def combine_cross_use(
    study: CrossUseStudy,
    members: Sequence[Member],
    sketched: Sequence[str],
    counts: Sequence[Counted],
    earlier: Collection[Shown] = (),
) -> Body:
    """The body of a benchmark of cross-use; the order of members, sketches and counts does not matter.

    members: whose counts are included; counts: theirs, one of each. sketched: the ids of the whole market. earlier:
    what each publication before showed of the same customers (`shown_by`): no cohort is shown that would give away a
    few members together with theirs, and no pair or block but those that every one of them had too.

    The lines have the cohorts with the number of counts included; the market's lines say which of them are added up.
    All cells are of the network: there are none where it is not published.

    Raises InvalidCohortsError where counts are not just those of the members, or are against another market;
    InvalidVectorError and ImpossibleValueError as `gathered` does; BadMechanism where the study has no noise for so
    many peers.
    """
    if sorted(member.member for member in members) != sorted(each.member for each in counts):
        raise InvalidCohortsError("There is a member without a count, or a count without its member. Bring both.")
    if len(sketched) < 2:
        raise InvalidCohortsError("A market has two members or more: with one there is nothing to count against.")
    gathered_counts = gathered(sketched, counts, len(study.groups))
    terms = Terms.of(study, len(sketched) - 1)
    standing = standing_of(gathered_counts, terms)
    cohorts = cohorts_of(members, {NETWORK, *study.cohorts})
    adding = _adding(cohorts, gathered_counts, standing)
    reasons = admit(adding, set().union(*(each.cohorts for each in earlier)), study.disclosure.min_members)
    lines = tuple(
        CohortLine(cohort.name, len(cohort.members), "suppressed" if reason else "published", reason)
        for cohort, reason in zip(cohorts, reasons, strict=True)
    )
    cells: list[Cell] = []
    if reasons and reasons[0] is None:
        admitted = [cohort for cohort, reason in zip(adding, reasons, strict=True) if reason is None]
        cells = _cells(study, len(members), gathered_counts, standing, terms, admitted, earlier)
    return Body(lines, tuple(cells), standing.lines)


def _adding(cohorts: Sequence[Cohort], counts: Counts, standing: Standing) -> list[Cohort]:
    """The same cohorts with those members alone whose figures are added up."""
    counted = {counts.ids[row] for row in np.flatnonzero(standing.counted)}
    return [replace(cohort, members=cohort.members & counted) for cohort in cohorts]


def _cells(
    study: CrossUseStudy,
    included: int,
    counts: Counts,
    standing: Standing,
    terms: Terms,
    admitted: Sequence[Cohort],
    earlier: Collection[Shown],
) -> list[Cell]:
    limits = study.disclosure
    writer = Writer(NETWORK, included, limits.unreliable_percent, limits.noise_percent)
    everybody = admitted[0].members
    known = known_pairs(counts, standing, earlier)
    named = {counts.ids[row] for row in np.flatnonzero(known.any(axis=1))}
    kinds = {kind: [cohort for cohort in admitted if cohort.kind == kind] for kind in PAIR_KINDS}
    unsafe: frozenset[str] = frozenset()
    if named:
        unsafe = unsafe_cohorts(
            [each for many in kinds.values() for each in many], everybody - named, limits.min_members
        )
    return [
        *named_cells(counts, standing, earlier, writer),
        *block_cells(kinds, counts, standing, known, unsafe, earlier, writer, limits.dominance_percent),
        *_solved_cells(study, counts, standing, terms, writer),
    ]


def _solved_cells(
    study: CrossUseStudy, counts: Counts, standing: Standing, terms: Terms, writer: Writer
) -> Iterable[Cell]:
    names = _solved_names(study, int(standing.counted.sum()))
    if not standing.comparable:
        return [writer.withheld(*where, Reason.NOT_COUNTED) for where in names]
    try:
        solved = solve(observed_of(counts, standing), terms)
    except NotConverged:
        return [writer.withheld(*where, Reason.NOT_CONVERGED) for where in names]
    return [
        *_market_cells(counts, standing, solved, writer),
        *_group_cells(study, counts, standing, solved, terms, writer),
    ]


def _market_cells(counts: Counts, standing: Standing, solved: Solved, writer: Writer) -> Iterable[Cell]:
    lists = max(float(counts.sizes[standing.counted, 0].sum()), 0.0)
    people = reach(solved)
    yield writer.solved(("reach", "all", "people"), people.value, people.error, (0.0, lists))
    for name, share in multiplicity(solved).items():
        yield writer.solved(("multiplicity", name, "share"), share.value, share.error, (0.0, 1.0))


def _group_cells(
    study: CrossUseStudy, counts: Counts, standing: Standing, solved: Solved, terms: Terms, writer: Writer
) -> Iterable[Cell]:
    """Of each group both figures or none, and then what share of the inhabitants is reached."""
    found = dict(zip(study.groups, group_figures(counts, standing, solved, terms), strict=True))
    lists = dict(zip(study.groups, counts.sizes[standing.counted][:, 1:].sum(axis=0).tolist(), strict=True))
    members = float(standing.counted.sum())
    for group, figures in found.items():
        people, use = figures.people, figures.institutions
        cell = writer.solved(("group", group, "people"), people.value, people.error, (0.0, max(lists[group], 0.0)))
        yield cell
        where = ("group", group, "institutions_per_person")
        if cell.status == "suppressed":
            yield writer.withheld(*where, Reason.MOSTLY_NOISE)
        else:
            yield writer.solved(where, use.value, use.error, (1.0, members))
    for county, number in _inhabitants(study).items():
        people, most = found[county].people, max(lists[county], 0.0) / number
        where = ("penetration", county, "share")
        yield writer.solved(where, people.value / number, people.error / number, (0.0, most))


def _inhabitants(study: CrossUseStudy) -> dict[str, int]:
    """Of each county, where the study's customers are divided by county."""
    return inhabitants.load() if study.partition.name == inhabitants.PARTITION else {}


def _solved_names(study: CrossUseStudy, members: int) -> Iterable[tuple[str, str, str]]:
    """Table, category and measure of all that the solver gives, in their order."""
    yield "reach", "all", "people"
    yield from (("multiplicity", name, "share") for name, least, _ in USES if least <= members)
    for group in study.groups:
        yield "group", group, "people"
        yield "group", group, "institutions_per_person"
    yield from (("penetration", county, "share") for county in _inhabitants(study))
