"""A published body against the one that follows from the releases: every figure, error and suppression."""

from privacy.estimate.body import Body, Cell

_SHOWN = 3
"""So many examples are told of one kind of difference; the rest is counted."""


def compared(published: Body, computed: Body) -> list[tuple[str, str]]:
    """What differs between a published body and the one that follows from the releases: codes with sentences."""
    if published == computed:
        return []
    differences: dict[str, list[str]] = {}
    for code, said in (*_cohorts(published, computed), *_cells(published, computed), *_market(published, computed)):
        differences.setdefault(code, []).append(said)
    if not differences:
        differences["CELLS_DIFFER"] = ["The same cells stand there in another order."]
    found = []
    for code, told in differences.items():
        found += [(code, said) for said in told[:_SHOWN]]
        if len(told) > _SHOWN:
            found.append((code, f"The same of {len(told) - _SHOWN} more."))
    return found


def _cohorts(published: Body, computed: Body) -> list[tuple[str, str]]:
    mine = {line.cohort: line for line in computed.cohorts}
    theirs = {line.cohort: line for line in published.cohorts}
    found = [
        ("CELLS_DIFFER", f"Cohort {name} is in one of the two only.") for name in sorted(mine.keys() ^ theirs.keys())
    ]
    for name in sorted(mine.keys() & theirs.keys()):
        one, other = theirs[name], mine[name]
        if one.members != other.members:
            found.append(("CELLS_DIFFER", f"Cohort {name} has {other.members} members, and {one.members} are stated."))
        if one.status == other.status == "suppressed" and one.reason != other.reason:
            found.append(
                ("STATUS_DIFFERS", f"Cohort {name} is withheld for {other.reason}, and {one.reason} is stated.")
            )
        elif one.status != other.status:
            skipped = one.status == "published"
            code = "SUPPRESSION_SKIPPED" if skipped else "SUPPRESSION_ADDED"
            what = f"shown, and must be withheld ({other.reason})" if skipped else "withheld, and could be shown"
            found.append((code, f"Cohort {name} is {what}."))
    return found


def _cells(published: Body, computed: Body) -> list[tuple[str, str]]:
    mine = {_key(cell): cell for cell in computed.cells}
    theirs = {_key(cell): cell for cell in published.cells}
    whole = {line.cohort for line in published.cohorts} & {line.cohort for line in computed.cohorts}
    both = {
        cohort for cohort in whole if any(key[0] == cohort for key in mine) and any(key[0] == cohort for key in theirs)
    }
    found = [
        ("CELLS_DIFFER", f"{' '.join(key)} is in one of the two only.")
        for key in sorted(mine.keys() ^ theirs.keys())
        if key[0] in both
    ]
    for key in mine.keys() & theirs.keys():
        found += _cell(theirs[key], mine[key], " ".join(key))
    return sorted(found)


def _market(published: Body, computed: Body) -> list[tuple[str, str]]:
    """What is said of the members of a round of cross-use, and follows otherwise."""
    mine = {line.member: line.status for line in computed.market}
    theirs = {line.member: line.status for line in published.market}
    none = "nothing"
    return [
        (
            "MARKET_STATUS_DIFFERS",
            f"Of {member} the market says {theirs.get(member, none)}, and {mine.get(member, none)} follows.",
        )
        for member in sorted(mine.keys() | theirs.keys())
        if mine.get(member) != theirs.get(member)
    ]


def _key(cell: Cell) -> tuple[str, str, str, str]:
    return cell.cohort, cell.table, cell.category, cell.measure


def _cell(one: Cell, other: Cell, name: str) -> list[tuple[str, str]]:
    """What differs between a published cell and the computed one."""
    if one == other:
        return []
    hidden, should = one.status == "suppressed", other.status == "suppressed"
    if should and not hidden:
        return [("SUPPRESSION_SKIPPED", f"{name} is shown, and must be withheld ({other.reason}).")]
    if hidden and not should:
        return [
            ("SUPPRESSION_ADDED", f"{name} is withheld ({one.reason}), and follows from the releases as {other.value}.")
        ]
    found = []
    if one.value != other.value:
        found.append(("FIGURE_DIFFERS", f"{name} is published as {one.value}, and the releases give {other.value}."))
    if (one.standard_error, one.low, one.high) != (other.standard_error, other.low, other.high):
        said = f"{name}: {one.standard_error} from {one.low} to {one.high} is published, and {other.standard_error} "
        found.append(("ERROR_DIFFERS", f"{said}from {other.low} to {other.high} follows."))
    if (one.uncut, one.uncut_error) != (other.uncut, other.uncut_error):
        said = f"{name}: with what bounds cut off, {one.uncut} ± {one.uncut_error} is published, and "
        found.append(("UNCUT_DIFFERS", f"{said}{other.uncut} ± {other.uncut_error} follows."))
    if (one.status, one.reason) != (other.status, other.reason):
        found.append(
            ("STATUS_DIFFERS", f"{name} is marked {one.status} ({one.reason}), and is {other.status} ({other.reason}).")
        )
    if one.members != other.members:
        found.append(("CELLS_DIFFER", f"{name} has {other.members} members, and {one.members} are stated."))
    return found
