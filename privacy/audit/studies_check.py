"""What was booked against the studies: each release's parts, sensitivities and noise, and none drawn twice."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from privacy.audit.costs import of_entry
from privacy.audit.ledgers import CheckedLedger
from privacy.audit.verdict import Finding
from privacy.ledger.leaves import (
    AnyPart,
    Entry,
    Spent,
    SpentByCell,
    SpentLaplace,
    SpentPart,
    SpentQuantile,
    SpentResponse,
)
from privacy.sketch.buckets import epoch_of
from privacy.sketch.counting import HISTOGRAM_L1
from privacy.studies.cross_use import MOST_MEMBERS, SKETCH, CrossUseStudy
from privacy.studies.cross_use_price import count_price
from privacy.studies.price import PricedPart, PricedQuantile, price
from privacy.studies.shelf import AnyStudy
from privacy.studies.study import Study

Studies = Mapping[str, AnyStudy]
"""The studies that are known, by their digest."""

Told = list[tuple[str, str]]
"""Codes with sentences."""

COUNT_PARTS = (("cross_use", "sums"), ("cross_use", "histogram"))
"""The tables and measures of a count, in the order in which it is booked."""


def check_studies(ledger: CheckedLedger, studies: Studies) -> list[Finding]:
    """Holds the releases of a ledger against the studies that they are of."""
    return [*_twice(ledger), *_against_studies(ledger, studies)]


def sketches_of(studies: Studies) -> dict[str, CrossUseStudy]:
    """A study of each sketch that is known, by the digest under which ledgers book that."""
    return {study.sketch_digest: study for study in studies.values() if isinstance(study, CrossUseStudy)}


def is_sketch(entry: Entry) -> bool:
    """Whether an entry booked a sketch."""
    return isinstance(entry, Spent) and entry.study == SKETCH


def _twice(ledger: CheckedLedger) -> list[Finding]:
    """A study released twice over a window, and two sketches of a year: noise drawn anew, which averages away."""
    found: list[Finding] = []
    first: dict[tuple[str, str], int] = {}
    sketched: dict[str, int] = {}
    for each in ledger.spends:
        entry = each.entry
        assert isinstance(entry, Spent)  # noqa: S101  that is what spends are
        if entry.study == SKETCH:
            epoch = epoch_of(entry.window)
            before = sketched.setdefault(epoch, entry.seq)
            if before != entry.seq:
                said = f"Entry {before} booked a sketch of {epoch} too: there is one a year, for all studies."
                found.append(of_entry(ledger, each, "SKETCH_TWICE", said))
            continue
        before = first.setdefault((entry.study_digest, str(entry.window)), entry.seq)
        if before != entry.seq:
            said = f"The study {entry.study} was released over {entry.window} by entry {before} too: noise drawn twice."
            found.append(of_entry(ledger, each, "RELEASED_TWICE", said))
    return found


def _against_studies(ledger: CheckedLedger, studies: Studies) -> list[Finding]:
    """What was booked against what the studies ask for."""
    sketches = sketches_of(studies)
    compared: dict[tuple[int, str], Told] = {}
    found: list[Finding] = []
    for each in ledger.spends:
        entry = each.entry
        assert isinstance(entry, Spent)  # noqa: S101  that is what spends are
        study = studies.get(entry.study_digest) or sketches.get(entry.study_digest)
        if study is None:
            which = f"{entry.study} ({entry.study_digest[:19]}…)"
            said = f"The study {which} is not known here. Give its file: --study FILE"
            if entry.study == SKETCH:
                said = f"No study that is known here has this {which}. Give the file of one that has: --study FILE"
            found.append(of_entry(ledger, each, "STUDY_UNKNOWN", said))
            continue
        name = SKETCH if entry.study_digest in sketches else study.name
        if name != entry.study:
            said = f"This entry names the study {entry.study}, and that digest is of {name}."
            found.append(of_entry(ledger, each, "PARTS_DIFFER", said))
        else:
            key = id(entry.parts), entry.study_digest  # a long ledger has few studies, and shares their parts
            if key not in compared:
                compared[key] = _compared(entry, study)
            found += [of_entry(ledger, each, code, said) for code, said in compared[key]]
    return found


def _compared(entry: Spent, study: AnyStudy) -> Told:
    if isinstance(study, Study):
        return _tables(entry.parts, study)
    return _sketch(entry.parts, study) if entry.study == SKETCH else _count(entry.parts, study)


def _tables(parts: Sequence[AnyPart], study: Study) -> Told:
    """A release of tables: its quantiles first, then its tables, each measure of each with its noise."""
    asked = price(study)
    wanted = [_quantile_wanted(each) for each in asked.quantiles] + [_table_wanted(each) for each in asked.parts]
    if [_booked(part) for part in parts] != wanted:
        return [("PARTS_DIFFER", f"The parts are not the {len(wanted)} of the study {study.name}, in their order.")]
    found: Told = []
    for part, each in zip(parts, (*asked.quantiles, *asked.parts), strict=True):
        match part, each:
            case SpentQuantile(), PricedQuantile():
                found += _scale(part, each.mechanism.scale)
            case SpentByCell(), PricedPart():
                found += _by_cell(part, each)
            case SpentPart(), PricedPart():
                found += _gaussian(part, each.l2_squared, each.mechanism.scale)
    return found


_Shape = tuple[str, str, str, int, int]
"""Of a part: mechanism, table with what tells it from others, measure, cells, candidates."""


def _quantile_wanted(priced: PricedQuantile) -> _Shape:
    mechanism = priced.mechanism
    return mechanism.name, priced.part.name, str(priced.part.measure), 1, mechanism.candidates


def _table_wanted(priced: PricedPart) -> _Shape:
    kind = SpentByCell.mechanism if priced.by_cell else SpentPart.mechanism
    return kind, priced.part.name, str(priced.part.measure), priced.part.table.cells, 0


def _booked(part: AnyPart) -> _Shape:
    candidates = part.candidates if isinstance(part, SpentQuantile) else 0
    return part.mechanism, part.name, part.measure, part.cells, candidates


def _by_cell(part: SpentByCell, priced: PricedPart) -> Told:
    """The cells' sensitivities and scales; how many there are, the part's cost says when it is derived."""
    found: Told = []
    wanted = tuple(noise.l2_squared for noise in priced.noises)
    if part.l2_squared != wanted:
        said = f"{part.name}: a cell is booked at another L2² than the study's bounds for it give."
        found.append(("SENSITIVITY_DIFFERS", said))
    if part.scale != tuple(noise.mechanism.scale for noise in priced.noises):
        found.append(("NOISE_DIFFERS", f"{part.name}: a cell is booked at another scale than the study gives it."))
    return found


def _sketch(parts: Sequence[AnyPart], study: CrossUseStudy) -> Told:
    match parts:
        case [SpentResponse(table="sketch", measure="customers") as part] if part.cells == study.buckets:
            wanted = study.response
            if (part.flips, part.flip_bits) == (wanted.flips, wanted.bits):
                return []
            said = f"{part.name}: booked with {part.flips} flips of 2^{part.flip_bits}; its digest is of a sketch with "
            return [("NOISE_DIFFERS", f"{said}{wanted.flips} of 2^{wanted.bits}.")]
    return [("PARTS_DIFFER", f"A sketch is booked as one part, of {study.buckets} bits, and this is not.")]


def _count(parts: Sequence[AnyPart], study: CrossUseStudy) -> Told:
    """A count, against as many peers as it books cells for; whether these are its market's, its round tells."""
    match parts:
        case [SpentPart() as sums, SpentLaplace() as histogram]:
            peers = histogram.cells - 1
            named = ((sums.table, sums.measure), (histogram.table, histogram.measure)) == COUNT_PARTS
            if named and 1 <= peers < MOST_MEMBERS and sums.cells == (len(study.groups) + 1) * (peers + 1):
                priced = count_price(study, peers)
                found = _gaussian(sums, priced.l2_squared, priced.sums.scale)
                if histogram.l1 != HISTOGRAM_L1:
                    said = f"{histogram.name}: booked at L1 {histogram.l1}; a customer is in one of its cells."
                    found.append(("SENSITIVITY_DIFFERS", said))
                return found + _scale(histogram, priced.histogram.scale)
    said = f"A count of {study.name} books its sums and its histogram, with cells for 1 to {MOST_MEMBERS - 1} peers."
    return [("PARTS_DIFFER", f"{said} This is none.")]


def _gaussian(part: SpentPart, l2_squared: int, scale: Fraction) -> Told:
    found: Told = []
    if part.l2_squared != l2_squared:
        said = f"{part.name}: booked at L2² {part.l2_squared}; the study's bounds give {l2_squared}."
        found.append(("SENSITIVITY_DIFFERS", said))
    return found + _scale(part, scale)


def _scale(part: SpentPart | SpentLaplace | SpentQuantile, scale: Fraction) -> Told:
    if part.scale == scale:
        return []
    return [("NOISE_DIFFERS", f"{part.name}: booked at scale {part.scale}; the study's budget gives {scale}.")]
