"""Texts about benchmarks: what this node's people write for others, and what others have written for them.

    insights/DIGEST.waiting     signed here, on its way
    insights/DIGEST.withdraw    to be taken back
    insights/DIGEST.json        what the coordinator told at the last turn, once it was verified here

The coordinator may lie: a text counts only if the member that it names has signed it, by the key that the round of the
benchmark seats it under (or, after a new machine, by one that proves to hold the network's identity key), and if that
member and this one are in the cohort by the benchmark and the roster that lie here. That nothing is held back cannot
be known. A text is what a person has typed: nothing here reads a figure, and nothing that does is imported.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from node.errors import NodeError, UsageError
from node.home import Home, write_private
from node.membership.errors import NoBenchmark, RefusedByCoordinator
from node.membership.settings import Files, Membership
from node.network import benchmarks, rounds
from node.network.benchmarks import Kept
from node.network.directory import directory
from node.network.own_key import committed, of_chain
from node.wire.federation import Federation
from privacy.errors import KudosError
from privacy.estimate.cohorts import KINDS, Member, cohorts_of
from privacy.identity.commitment import proves
from privacy.sharing import insight as format_
from privacy.sharing.insight import DIGEST, BadInsight, Insight, digest_of
from privacy.sharing.text import tidied
from privacy.signing.keyfile import load_signing_key
from protos.kudos.v1.sharing_pb2 import ListInsightsResponse

MOST_WAITING = 20
"""Texts on their way; the coordinator takes a few a day."""

MOST_TOLD = 500
"""Of what the coordinator tells so many are looked at."""


class NoSuchInsight(NodeError):
    """There is no text of one's own that is called so."""

    reason = "NO_INSIGHT"
    exit_status = 2


@dataclass(frozen=True)
class Seen:
    """A text as it lies here. `state` is waiting, withdrawing, shared, hidden or withdrawn; `name` is its sender's.

    `insight` is None where it is withdrawn and no copy is left.
    """

    digest: str
    insight: Insight | None
    name: str
    own: bool
    state: str
    reason: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    envelope: Annotated[str, Field(pattern=r"^([0-9a-f]{2})*$", max_length=2 * format_.LARGEST_INSIGHT)]
    key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    own: bool
    state: Annotated[str, Field(pattern=r"^(shared|hidden|withdrawn)$")]
    reason: Annotated[str, Field(max_length=500)]


@dataclass(frozen=True)
class Audience:
    """A cohort that a text can be for: its name, and its other members' names."""

    cohort: str
    others: tuple[str, ...]


def audiences(home: Home, network: Membership, benchmark: Kept) -> tuple[Audience, ...]:
    """The published cohorts of a benchmark that this member is in, widest first; none where its release is not in it.

    Raises NoSuchRound where this node was not asked in that round.
    """
    names = {seat.member: seat.name for seat in rounds.announced(home, network, benchmark.name).roster}
    cohorts = _cohorts(home, network, benchmark)
    published = [line.cohort for line in benchmark.benchmark.body.cohorts if line.status == "published"]
    return tuple(
        Audience(name, tuple(names[each] for each in sorted(cohorts[name]) if each != network.id))
        for name in published
        if network.id in cohorts.get(name, ())
    )


def _cohorts(home: Home, network: Membership, benchmark: Kept) -> Mapping[str, frozenset[str]]:
    """The members of each cohort of a benchmark, by the releases in it and the seats of its round."""
    included = {release.member for release in benchmark.benchmark.releases}
    seats = rounds.announced(home, network, benchmark.name).roster
    there = [
        Member(each.member, each.industry, each.county, each.size_class) for each in seats if each.member in included
    ]
    return {each.name: each.members for each in cohorts_of(there, KINDS)}


def write(home: Home, network: Membership, benchmark: Kept, cohort: str, text: str, now: datetime) -> str:
    """Signs a text that a person has written for a cohort, and puts it on its way. Returns how it is called.

    Raises BadText, and UsageError for a cohort that this member is not in or where too many are on their way.
    """
    known = [each.cohort for each in audiences(home, network, benchmark)]
    if cohort not in known:
        there = f"There is: {', '.join(known)}" if known else "Your release is not in that benchmark."
        raise UsageError(f"You cannot share with {cohort[:128]!r} about {benchmark.name}. {there}")
    if len(list(Files(home).insights.glob("*.waiting"))) >= MOST_WAITING:
        raise UsageError(f"{MOST_WAITING} texts are on their way already. Send those first: kudos-node run --once")
    said = Insight(
        coordinator=network.trust_domain,
        member=network.id,
        round=benchmark.name,
        benchmark=digest_of(benchmark.envelope),
        cohort=cohort,
        written=now.astimezone(UTC).replace(microsecond=0),
        text=tidied(text),
    )
    envelope = format_.make(said, load_signing_key(home.signing_key_file))
    digest = digest_of(envelope)
    write_private(_file(home, digest, "waiting"), envelope)
    return digest


def withdraw(home: Home, network: Membership, digest: str) -> Seen:
    """Has a text of one's own taken back: one on its way goes at once, another at the next turn. Raises NoSuchInsight.

    `digest` may be what its name begins with, from eight characters on.
    """
    mine = [each for each in listed(home, network) if each.own and each.digest.startswith(digest) and len(digest) >= 8]
    if len(mine) != 1:
        raise NoSuchInsight("No text of yours is called so, or more than one. Which there are: kudos-node insight list")
    (found,) = mine
    if found.state == "waiting":
        _file(home, found.digest, "waiting").unlink(missing_ok=True)
    if found.state in ("waiting", "shared", "hidden"):  # one on its way may have come there
        write_private(_file(home, found.digest, "withdraw"), b"")
    return found


def listed(home: Home, network: Membership) -> tuple[Seen, ...]:
    """What lies here, the newest first; a file that cannot be read is passed over: the next turn brings it again."""
    folder = Files(home).insights
    leaving = {file.stem for file in folder.glob("*.withdraw")}
    found = {}
    for file in folder.glob("*.json"):
        seen = _read(file, network)
        if seen is not None:
            gone = seen.digest in leaving and seen.state != "withdrawn"
            found[seen.digest] = Seen(**{**vars(seen), "state": "withdrawing"}) if gone else seen
    own = load_signing_key(home.signing_key_file).public_key()
    name = home.settings().name
    for file in folder.glob("*.waiting"):
        if file.stem not in found and file.stem not in leaving:
            try:
                found[file.stem] = Seen(file.stem, format_.open_insight(file.read_bytes(), own), name, True, "waiting")
            except (OSError, BadInsight):
                continue
    first = datetime(2000, 1, 1, tzinfo=UTC)
    return tuple(
        sorted(
            found.values(),
            key=lambda each: (each.insight.written if each.insight else first, each.digest),
            reverse=True,
        )
    )


def _read(file: Path, network: Membership) -> Seen | None:
    try:
        said = _File.model_validate_json(file.read_text(encoding="utf-8"))
        if not said.envelope:
            return Seen(file.stem, None, said.name, said.own, said.state, said.reason)
        envelope = bytes.fromhex(said.envelope)
        found = format_.open_insight(envelope, Ed25519PublicKey.from_public_bytes(bytes.fromhex(said.key)))
    except (OSError, ValueError, ValidationError, BadInsight):
        return None
    if digest_of(envelope) != file.stem or found.coordinator != network.trust_domain:
        return None
    return Seen(file.stem, found, said.name, said.own, said.state, said.reason)


def exchange(home: Home, coordinator: Federation, say: Callable[[str], None]) -> int:
    """Sends what waits, takes back what is to be, and fetches what others share; how many of theirs are new.

    `say` is told what was done, and what is wrong with what the coordinator tells.
    """
    _send(home, coordinator, say)
    return _fetch(home, coordinator, say)


def _send(home: Home, coordinator: Federation, say: Callable[[str], None]) -> None:
    folder = Files(home).insights
    for file in sorted(folder.glob("*.withdraw")):
        try:
            coordinator.sharing.withdraw_insight(file.stem)
        except RefusedByCoordinator as refused:
            if refused.coordinator_reason != "UNKNOWN_INSIGHT":  # it never came there
                raise
        file.unlink(missing_ok=True)
        say(f"insight {file.stem[:16]}: withdrawn")
    for file in sorted(folder.glob("*.waiting")):
        try:
            coordinator.sharing.share_insight(file.read_bytes())
        except RefusedByCoordinator as refused:
            if refused.coordinator_reason == "TOO_OFTEN":  # it goes another day
                say(f"insight {file.stem[:16]} waits: {refused}")
                return
            file.unlink(missing_ok=True)
            say(f"insight {file.stem[:16]} is not shared: {refused}")
            continue
        say(f"insight {file.stem[:16]}: shared")


def _fetch(home: Home, coordinator: Federation, say: Callable[[str], None]) -> int:
    folder, told = Files(home).insights, _Told(home, coordinator)
    before = {file.stem for file in folder.glob("*.json")}
    kept, new = set(), 0
    for answer in coordinator.sharing.insights()[:MOST_TOLD]:
        if answer.state == "withdrawn" and answer.digest not in before:
            continue
        try:
            digest, content = told.checked(answer)
        except KudosError as error:
            say(f"a text that the coordinator tells is left out: {error}")
            continue
        kept.add(digest)
        new += digest not in before and not content.own
        text = content.model_dump_json().encode()
        file = _file(home, digest, "json")
        if not file.exists() or file.read_bytes() != text:
            write_private(file, text)
        if content.own:
            _file(home, digest, "waiting").unlink(missing_ok=True)
    for digest in before - kept:  # withdrawn, or hidden
        _file(home, digest, "json").unlink(missing_ok=True)
    return new


class _Told:
    """What the coordinator tells of texts, held against what this node knows."""

    def __init__(self, home: Home, coordinator: Federation) -> None:
        self._home = home
        self._coordinator = coordinator
        self._network = coordinator.network
        looked = benchmarks.look(home, self._network)
        self._benchmarks = {digest_of(each.envelope): each for each in looked.kept}
        self._cohorts: dict[str, Mapping[str, frozenset[str]]] = {}
        self._proven: dict[str, Ed25519PublicKey] | None = None

    def checked(self, answer: ListInsightsResponse) -> tuple[str, _File]:
        """What is to be kept of an answer. Raises BadInsight, and what a round that is not here raises."""
        if not DIGEST.fullmatch(answer.digest) or answer.state not in ("shared", "hidden", "withdrawn"):
            raise BadInsight("It has no name, or stands nowhere. Tell the coordinator's operator.")
        own_key = load_signing_key(self._home.signing_key_file).public_key()
        if answer.state == "withdrawn":
            return answer.digest, self._content(b"", own_key, self._home.settings().name, answer, own=True)
        if digest_of(answer.envelope) != answer.digest:
            raise BadInsight("Its name is not that of its bytes. Tell the coordinator's operator.")
        for key in self._keys(answer.envelope):
            try:
                said = format_.open_insight(answer.envelope, key)
            except BadInsight:
                continue
            seat = self._check(said)
            return answer.digest, self._content(answer.envelope, key, seat, answer, own=said.member == self._network.id)
        raise BadInsight("No member that this node knows has signed it as it stands. Tell the coordinator's operator.")

    def _keys(self, envelope: bytes) -> Iterator[Ed25519PublicKey]:
        """The keys by which it may be signed: of the seats of the rounds here, and then those that are proven."""
        wanted = format_.claimed(envelope)
        for each in self._benchmarks.values() if wanted else ():
            if wanted is not None and each.name == wanted[1]:
                seat = rounds.announced(self._home, self._network, each.name).seat(wanted[0])
                if seat is not None:
                    yield Ed25519PublicKey.from_public_bytes(bytes.fromhex(seat.signing_key))
        if wanted is not None and wanted[0] == self._network.id:
            yield load_signing_key(self._home.signing_key_file).public_key()
        elif wanted is not None:
            if self._proven is None:
                self._proven = dict(_proven(self._home, self._coordinator))
            if wanted[0] in self._proven:
                yield self._proven[wanted[0]]

    def _check(self, said: Insight) -> str:
        """The sender's name, by the roster. Raises BadInsight where it, or this node, is not in the cohort."""
        about = self._benchmarks.get(said.benchmark)
        if about is None or about.name != said.round or said.coordinator != self._network.trust_domain:
            raise NoBenchmark(f"It is about a benchmark of {said.round} that is not here.")
        cohorts = self._cohorts.setdefault(said.benchmark, _cohorts(self._home, self._network, about))
        if not {said.member, self._network.id} <= cohorts.get(said.cohort, frozenset()):
            raise BadInsight(f"It is of or for somebody who is not in {said.cohort} of {said.round}.")
        seat = rounds.announced(self._home, self._network, said.round).seat(said.member)
        return seat.name if seat else said.member

    def _content(
        self, envelope: bytes, key: Ed25519PublicKey, name: str, answer: ListInsightsResponse, *, own: bool
    ) -> _File:
        if not own and answer.state != "shared":
            raise BadInsight("It is of another member, and not shared. Tell the coordinator's operator.")
        reason = answer.reason if own and answer.reason.isprintable() and len(answer.reason) <= 500 else ""
        return _File(
            envelope=envelope.hex(),
            key=key.public_bytes_raw().hex(),
            name=name,
            own=own,
            state=answer.state,
            reason=reason,
        )


def _proven(home: Home, coordinator: Federation) -> Iterator[tuple[str, Ed25519PublicKey]]:
    """The keys that the coordinator lists now, of members that prove to hold the network's identity key."""
    chain = committed(home)
    if chain is None:
        return
    _, others = directory(home, coordinator)
    for each in others:
        said = each.commitment
        if said is not None and of_chain(said, chain) and proves(said, chain.until(said.epoch), each.keys):
            yield each.id, Ed25519PublicKey.from_public_bytes(each.signing_key)


def _file(home: Home, digest: str, kind: str) -> Path:
    return Files(home).insights / f"{digest}.{kind}"
