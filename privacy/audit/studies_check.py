"""What was booked against the studies: each release's parts, sensitivities and noise, and no study twice."""

from collections.abc import Mapping

from privacy.audit.costs import of_entry
from privacy.audit.ledgers import CheckedLedger
from privacy.audit.verdict import Finding
from privacy.ledger.leaves import Spent, SpentPart
from privacy.studies.price import price
from privacy.studies.study import Study

Studies = Mapping[str, Study]
"""The studies that are known, by their digest."""


def check_studies(ledger: CheckedLedger, studies: Studies) -> list[Finding]:
    """Holds the releases of a ledger against the studies that they are of."""
    return [*_twice(ledger), *_against_studies(ledger, studies)]


def _twice(ledger: CheckedLedger) -> list[Finding]:
    found: list[Finding] = []
    first: dict[tuple[str, str], int] = {}
    for each in ledger.spends:
        entry = each.entry
        assert isinstance(entry, Spent)  # noqa: S101  that is what spends are
        before = first.setdefault((entry.study_digest, str(entry.window)), entry.seq)
        if before != entry.seq:
            said = f"The study {entry.study} was released over {entry.window} by entry {before} too: noise drawn twice."
            found.append(of_entry(ledger, each, "RELEASED_TWICE", said))
    return found


def _against_studies(ledger: CheckedLedger, studies: Studies) -> list[Finding]:
    """What was booked against what the studies ask for."""
    compared: dict[tuple[int, str], list[tuple[str, str]]] = {}
    found: list[Finding] = []
    for each in ledger.spends:
        entry = each.entry
        assert isinstance(entry, Spent)  # noqa: S101  that is what spends are
        study = studies.get(entry.study_digest)
        if study is None:
            said = (
                f"The study {entry.study} ({entry.study_digest[:19]}…) is not known here. Give its file: --study FILE"
            )
            found.append(of_entry(ledger, each, "STUDY_UNKNOWN", said))
        elif study.name != entry.study:
            said = f"This entry names the study {entry.study}, and that digest is of {study.name}."
            found.append(of_entry(ledger, each, "PARTS_DIFFER", said))
        else:
            key = id(entry.parts), study.digest  # a long ledger has few studies, and shares their parts
            if key not in compared:
                compared[key] = _compared(entry.parts, study)
            found += [of_entry(ledger, each, code, said) for code, said in compared[key]]
    return found


def _compared(parts: tuple[SpentPart, ...], study: Study) -> list[tuple[str, str]]:
    asked = price(study).parts
    wanted = [(each.part.table.name, str(each.part.measure), each.part.table.cells) for each in asked]
    if [(part.table, part.measure, part.cells) for part in parts] != wanted:
        return [("PARTS_DIFFER", f"The parts are not the {len(wanted)} of the study {study.name}, in their order.")]
    found = []
    for part, each in zip(parts, asked, strict=True):
        if part.l2_squared != each.l2_squared:
            said = f"{each.part.name}: booked at L2² {part.l2_squared}; the study's bounds give {each.l2_squared}."
            found.append(("SENSITIVITY_DIFFERS", said))
        if part.scale != each.mechanism.scale:
            said = f"{each.part.name}: booked at scale {part.scale}; the study's budget gives {each.mechanism.scale}."
            found.append(("NOISE_DIFFERS", said))
    return found
