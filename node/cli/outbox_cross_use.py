"""What `kudos-node outbox show` tells of a sketch and of counts."""

from typing import TYPE_CHECKING

from node.cli import output
from node.cli.output import count

if TYPE_CHECKING:
    from node.release.listing import Listed
    from privacy.ledger.contents import Contents
    from privacy.studies.cross_use import CrossUseStudy


def show_sketch(contents: "Contents", release: "Listed", said: dict[str, object]) -> None:
    """The terms of a sketch, and how many of its bits are set; `said` is what the list says of it, for programs."""
    from node.release.outbox import sketch_shown

    found = sketch_shown(contents, release.entry)
    terms = found.terms
    if output.state.as_json:
        sketch = {"epoch": terms.epoch, "buckets": terms.buckets, "flips": terms.flips, "flip_bits": terms.flip_bits}
        output.emit(said | {"sketch": sketch | {"ones": found.ones}})
        return
    output.say(f"Sketch of {terms.epoch}, of the customers of {terms.window}: signature good")
    output.table(
        ["bits>", "each flipped with>", "bits set>", "ε>"],
        [
            (
                count(terms.buckets),
                output.percent(float(terms.response.probability), 1),
                count(found.ones),
                str(release.cost.epsilon),
            )
        ],
    )
    output.prose(
        "It leaves this node sealed for members of the rounds that it is sent to, and no other way. Nothing else is in "
        "it but its bits, these terms, the commitment to the identity key, the names of ledger and entry, and the "
        "signature."
    )


def show_count(contents: "Contents", study: "CrossUseStudy", release: "Listed", said: dict[str, object]) -> None:
    """Every figure of a count, by group and member."""
    from node.release.outbox import count_shown

    found = count_shown(contents, study, release.entry.window)
    if output.state.as_json:
        counts = {
            "peers": [{"member": member, "status": status} for member, status in found.peers],
            "rows": [{"group": group, "cells": list(cells)} for group, cells in found.rows],
            "histogram": list(found.histogram),
            "named_pairs": found.named_pairs,
        }
        output.emit(said | {"count": counts})
        return
    output.say(f"{study.title}, {release.entry.window}: counts against {len(found.peers)} members, signature good")
    columns = ("own customers", *(member for member, _ in found.peers))
    output.table(
        ["group", "member", "released>"],
        [
            (group, column, count(value))
            for group, cells in found.rows
            for column, value in zip(columns, cells, strict=True)
        ],
    )
    output.table(
        ["bits set", "own customers>"], [(str(bits), count(value)) for bits, value in enumerate(found.histogram)]
    )
    for member, status in found.peers:
        if status != "COUNTED":
            output.say(f"{member} was not counted against: {status}. Its sums are noise.")
    output.prose(
        "Each figure is an integer with its noise. A member's sum has +1 for each own customer whose bit its sketch "
        "has set, and -1 for every other. Nothing else is in the counts but the names of ledger, study, window and "
        "members, how many bits their sketches have set, and whether you let yourself be named in a pair."
    )
