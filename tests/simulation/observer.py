"""What must hold whatever happens: an observer sees all that leaves a node, and every ledger, and forgets nothing."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from coordinator.errors import ClockApart
from coordinator.office import Office
from coordinator.publish import export
from coordinator.store.tables import benchmarks, ledger_leaves
from node.home import Home
from privacy.audit.bundle import write
from privacy.audit.codes import Severity
from privacy.audit.network import audit_network
from privacy.audit.reading import open_bundle
from privacy.audit.verdict import Finding
from privacy.ledger.contents import Contents
from privacy.ledger.leaves import Spent, parse, serialise
from privacy.ledger.store import Ledger
from privacy.studies.shelf import AnyStudy
from protos.kudos.v1.envelope_pb2 import Envelope
from protos.kudos.v1.federation_pb2 import SubmitRequest
from protos.kudos.v1.release_pb2 import Release
from tests.simulation.clock import Clock

SUBMIT = "/kudos.v1.FederationService/Submit"


class Violation(BaseException):
    """Something that must hold does not. No code of ours catches it."""


def hold(condition: object, what: str) -> None:
    """Raises Violation unless it is so."""
    if not condition:
        raise Violation(what)


@dataclass
class Observer:
    """All that was ever cosigned, sent and published, over crashes and restored backups."""

    witnessed: dict[str, list[bytes]] = field(default_factory=dict)
    """The leaves of each member that the witness has cosigned, at any time."""
    sent: dict[tuple[str, str, str, str], str] = field(default_factory=dict)
    """The digest of the bytes that left, by member, study and months."""
    published: dict[tuple[str, int], bytes] = field(default_factory=dict)
    studies: list[AnyStudy] = field(default_factory=list)
    """What the auditor has of its own: a coordinator that was put back may have forgotten the rounds of a study."""
    forgotten: set[str] = field(default_factory=set)
    """Rounds that the coordinator has lost with an old copy of its folder. An auditor says so, and should."""
    cosigned_again: set[str] = field(default_factory=set)
    """Members whose entries an old copy of the coordinator's folder had not cosigned: they are, later, once more."""
    counts: Counter[str] = field(default_factory=Counter)

    def leaving(self, member: str, method: str, requests: list[bytes]) -> None:
        """Bytes are about to leave a member's node: of a release none that the witness has not cosigned."""
        if method != SUBMIT:
            return
        envelope = SubmitRequest.FromString(requests[0]).envelope
        digest = f"sha256:{hashlib.sha256(envelope).hexdigest()}"
        release = Release.FromString(Envelope.FromString(envelope).payload)
        entries = [parse(leaf) for leaf in self.witnessed.get(member, ())]
        booked = [each for each in entries if isinstance(each, Spent) and each.release_digest == digest]
        hold(booked, f"{member} sends a release that no cosigned entry has booked")
        key = (member, release.study_digest, release.window_first, release.window_last)
        hold(self.sent.setdefault(key, digest) == digest, f"{member} sends two draws of the same months: {key}")
        self.counts["releases sent"] += 1

    def cosigned(self, office: Office) -> None:
        """Takes in what the witness has: every leaf is, for ever, the one that it was first."""
        query = select(ledger_leaves.c.member, ledger_leaves.c.leaf).order_by(
            ledger_leaves.c.member, ledger_leaves.c.seq
        )
        found: dict[str, list[bytes]] = {}
        with office.store.reading() as connection:
            for row in connection.execute(query):
                found.setdefault(row.member, []).append(bytes(row.leaf))
        for member, leaves in found.items():
            known = self.witnessed.setdefault(member, [])
            both = min(len(known), len(leaves))
            hold(known[:both] == leaves[:both], f"the witness has cosigned two histories of {member}")
            known.extend(leaves[both:])
        self.cosigned_again |= {
            member for member, known in self.witnessed.items() if len(found.get(member, ())) < len(known)
        }

    def node(self, member: str, home: Home, *, behind: bool) -> Contents:
        """A node's ledger has all that was cosigned of it, unless it is an old copy; and nothing is spent twice."""
        with Ledger.open(home.ledger_file) as ledger:
            contents = ledger.contents()
        spends = [entry for entry in contents.entries if isinstance(entry, Spent)]
        what = Counter((entry.study_digest, str(entry.window)) for entry in spends)
        hold(all(number == 1 for number in what.values()), f"{member} has spent twice on the same months: {what}")
        own = [serialise(entry) for entry in contents.entries]
        known = self.witnessed.get(member, [])
        both = min(len(own), len(known))
        hold(own[:both] == known[:both], f"the ledger of {member} is another than the one that is cosigned")
        hold(behind or len(own) >= len(known), f"{member} has lost entries that are cosigned")
        return contents

    def publications(self, office: Office) -> None:
        """What was published stays as it was."""
        with office.store.reading() as connection:
            rows = connection.execute(select(benchmarks.c.round, benchmarks.c.version, benchmarks.c.envelope)).all()
        found = {(row.round, row.version): bytes(row.envelope) for row in rows}
        for key, envelope in self.published.items():
            hold(found.get(key) == envelope, f"what was published of {key} is gone, or another")
        self.published = found

    def audit(self, office: Office, clock: Clock, folder: Path, *, settled: bool = False) -> None:
        """An auditor finds everything sound, from files alone, and computes every published figure again.

        Unless clocks have `settled`, there may be no bundle for now.
        """
        now = clock.of("coordinator").replace(microsecond=0)
        opened = []
        for kind in ("public", "restricted"):
            file = folder / f"{kind}.tar"
            file.unlink(missing_ok=True)
            try:
                write(export.files(office, now, restricted=kind == "restricted"), file)
            except ClockApart:  # it was ahead, and what it dated then is still to come
                hold(not settled, "nothing can be exported, though the clock is right")
                self.counts["audits that wait for the clock"] += 1
                return
            opened.append(file)
        with open_bundle(opened[0]) as public, open_bundle(opened[1]) as restricted:
            report = audit_network(public, restricted, given=self.studies)
        bad = [each for each in report.findings if each.severity is not Severity.NOTE and not self._told(each)]
        hold(not bad, f"the audit finds: {[str(each) for each in bad[:5]]}")
        hold(len(report.benchmarks) == len(self.published), "a benchmark is not in the audit")
        self.counts["audits"] += 1
        self.counts["figures recomputed"] += report.figures

    def _told(self, finding: Finding) -> bool:
        """Whether it is of what the coordinator has lost: a round, or when it first cosigned something."""
        if finding.code == "CAP_BY_WITNESSED_TIME":
            return finding.subject in self.cosigned_again
        return finding.code == "ROUND_MISSING" and any(f"round {name}, " in finding.sentence for name in self.forgotten)
