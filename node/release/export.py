"""What an auditor takes along from a node: its ledger and, where it is asked for, the releases, as files."""

from collections.abc import Iterator
from datetime import datetime

from node.home import Settings
from node.release.stored_cross_use import is_sketch
from privacy.audit import bundle
from privacy.audit.bundle import File
from privacy.audit.records import Header, MemberLine
from privacy.ledger import outbox
from privacy.ledger.contents import Contents
from privacy.ledger.leaves import Spent, serialise


def files(
    settings: Settings, contents: Contents, now: datetime, *, coordinator_key: str | None, restricted: bool
) -> Iterator[File]:
    """The public part of a bundle of this node alone, and with `restricted` the one with its releases: docs/bundle.md.

    `coordinator_key` is the key that signs rounds, hexadecimal; None for a node that is in no network. `now` is UTC in
    whole seconds. Sketches are in no bundle: nobody but the members that they are sealed for may read one.
    """
    member, witness = settings.member, contents.witness
    header = Header(
        v=1,
        kind="public",
        trust_domain="standalone" if witness is None else witness.partition("/")[0],
        made=now,
        source="node",
        coordinator_key=coordinator_key,
        witness=witness,
    )
    line = MemberLine(
        member=member,
        name=settings.name,
        industry=settings.industry,
        county=settings.county,
        size_class=None,
        state="active",
        ledger=contents.opened.origin,
    )
    yield bundle.header_file(header)
    yield from bundle.members_file([line])
    yield from bundle.leaves_file(member, (serialise(entry) for entry in contents.entries))
    for each in contents.checkpoints:
        yield bundle.checkpoint_file(member, each.size, each.note)
    if restricted:
        yield bundle.header_file(header.model_copy(update={"kind": "restricted"}))
        spent = (entry for entry in contents.entries if isinstance(entry, Spent))
        rounds = {entry.seq: entry.round for entry in spent if not is_sketch(entry)}
        leaving = (each for each in contents.releases if each.seq in rounds and outbox.may_leave(contents, each))
        kept = [(each.seq, outbox.ready(contents, each)) for each in leaving]
        yield from bundle.releases_file(member, (bundle.release_line(envelope, rounds[seq]) for seq, envelope in kept))
