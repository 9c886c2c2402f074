"""One leaf: whether it is an entry, in the one form that says what it says, booked at what its noise costs.

`privacy.ledger.leaves.parse` answers that with yes or an error. An auditor goes on after a fault: what is wrong gets a
name, and an entry that reads is kept, with what it should have cost.

A long ledger is mostly releases of a few studies, whose parts are the same bytes again and again. `Reader` remembers
the parts that it has checked: a leaf with the same ones needs nothing but its other fields read, and these have a form
so plain that a regular expression says whether they are canonical. Whatever does not match is read the long way, so
that `Reader.read` and `read_slowly` agree on every leaf; the tests hold them to it.
"""

import re
from dataclasses import dataclass

from privacy.budget.amounts import Spend, total
from privacy.ledger.fields import LARGEST_NUMBER, parse_time, parse_window
from privacy.ledger.leaves import (
    LARGEST_LEAF,
    AnyPart,
    Entry,
    Spent,
    SpentByCell,
    SpentLaplace,
    SpentPart,
    SpentQuantile,
    SpentResponse,
    canonical,
    decoded,
    derived_cost,
)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a leaf: a code of `codes.CODES`, and a sentence."""

    code: str
    sentence: str


@dataclass(frozen=True)
class ReadLeaf:
    """A leaf as it was read. `entry` is None where it is no entry."""

    entry: Entry | None
    faults: tuple[Fault, ...]


def read_slowly(leaf: bytes) -> ReadLeaf:
    """What a leaf says and what is wrong with it."""
    if len(leaf) > LARGEST_LEAF:
        return ReadLeaf(None, (Fault("LEAF_UNREADABLE", f"{len(leaf)} bytes are more than an entry can have."),))
    try:
        entry = decoded(leaf)
    except ValueError as error:
        return ReadLeaf(None, (Fault("LEAF_UNREADABLE", f"This is no entry of a ledger: {error}."),))
    faults: list[Fault] = []
    if canonical(entry) != leaf:
        faults.append(Fault("LEAF_NOT_CANONICAL", "These bytes are not the canonical form of what they say."))
    if isinstance(entry, Spent):
        faults += _cost_faults(entry)
    return ReadLeaf(entry, tuple(faults))


class Reader:
    """Reads leaves, and remembers the parts of releases that it found right."""

    def __init__(self) -> None:
        self._parts: dict[bytes, tuple[tuple[AnyPart, ...], Spend]] = {}

    def read(self, leaf: bytes) -> ReadLeaf:
        """As `read_slowly`."""
        match = _SPENT.fullmatch(leaf)
        if match is None or len(leaf) > LARGEST_LEAF:
            return read_slowly(leaf)
        known = self._parts.get(match["parts"])
        entry = None if known is None else _entry(match, *known)
        if entry is not None:
            return ReadLeaf(entry, ())
        found = read_slowly(leaf)
        if isinstance(found.entry, Spent) and not found.faults:
            if len(self._parts) >= _MOST_REMEMBERED:
                self._parts.clear()
            self._parts[match["parts"]] = found.entry.parts, found.entry.cost
        return found


_MOST_REMEMBERED = 1000

_LABEL = rb"[a-z0-9][a-z0-9_-]{0,63}"
_PLAIN = rb"0|[1-9][0-9]{0,14}"
_DIGEST = rb"sha256:[0-9a-f]{64}"
_DAY = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SPENT = re.compile(
    rb'\{"epsilon_u":(?P<epsilon_u>'
    + _PLAIN
    + rb'),"parts":(?P<parts>\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]),"release_digest":"(?P<release_digest>'
    + _DIGEST
    + rb')"'
    rb',"rho_u":(?P<rho_u>'
    + _PLAIN
    + rb'),"round":(?:null|"(?P<round>'
    + _LABEL
    + rb')"),"seq":(?P<seq>'
    + _PLAIN
    + rb")"
    rb',"study":"(?P<study>' + _LABEL + rb')","study_digest":"(?P<study_digest>' + _DIGEST + rb')"'
    rb',"time":"(?P<time>[0-9TZ:-]{20})","type":"spend","v":1,"window":"(?P<window>' + _DAY + rb"/" + _DAY + rb')"\}'
)
"""A `spend` whose integers are far below 2^53: keys in order, each value in its one spelling. The parts are an array of
objects in which there are arrays of plain values at the most, as of noise by cell: its brackets nest no deeper."""

assert LARGEST_NUMBER > 10**15  # noqa: S101  what _PLAIN takes is a number and no string


def _entry(match: re.Match[bytes], parts: tuple[AnyPart, ...], cost: Spend) -> Spent | None:
    """The entry with parts that were found right; None where anything is in the way, for the long way to say what."""
    if (int(match["epsilon_u"]), int(match["rho_u"])) != (cost.epsilon.micro, cost.rho.micro):
        return None
    try:
        return Spent(
            seq=int(match["seq"]),
            time=parse_time(match["time"].decode("ascii")),
            study=match["study"].decode("ascii"),
            study_digest=match["study_digest"].decode("ascii"),
            round=None if match["round"] is None else match["round"].decode("ascii"),
            window=parse_window(match["window"].decode("ascii")),
            parts=parts,
            epsilon_u=cost.epsilon.micro,
            rho_u=cost.rho.micro,
            release_digest=match["release_digest"].decode("ascii"),
        )
    except ValueError:
        return None


def _cost_faults(entry: Spent) -> list[Fault]:
    """Each cost derived again from the mechanism's parameters, and the sums from the parts."""
    faults: list[Fault] = []
    if len({part.name for part in entry.parts}) != len(entry.parts):
        faults.append(Fault("PART_TWICE", "The same table and measure, or the same quantile, stand there twice."))
    for part in entry.parts:
        faults += _part_faults(part)
    booked = total(part.cost for part in entry.parts)
    if entry.cost != booked:
        faults.append(
            Fault("TOTAL_DIFFERS", f"The release is booked as {_both(entry.cost)}, and its parts as {_both(booked)}.")
        )
    return faults


def _part_faults(part: AnyPart) -> list[Fault]:
    try:
        derived = derived_cost(part)
    except ValueError as error:
        return [Fault("NOISE_IMPOSSIBLE", f"No mechanism has such noise as is booked for {error}")]
    if part.cost == derived:
        return []
    code = "COST_OVERSTATED" if derived.fits_in(part.cost) else "COST_UNDERSTATED"
    return [Fault(code, f"{part.name}: {_noise(part)} is booked as {part.cost}, but costs {derived}.")]


def _noise(part: AnyPart) -> str:
    match part:
        case SpentPart():
            return f"noise of scale {part.scale} at squared sensitivity {part.l2_squared}"
        case SpentByCell():
            return "the noise of its dearest cell"
        case SpentQuantile():
            return f"a choice among {part.candidates} at scale {part.scale}"
        case SpentLaplace():
            return f"noise of scale {part.scale} at sensitivity {part.l1}"
        case SpentResponse():
            return f"a sketch that flips {part.flips} bits of 2^{part.flip_bits}"


def _both(spend: Spend) -> str:
    return f"ε {spend.epsilon} and ρ {spend.rho}"
