"""The probabilistic join, by Splink in memory: two match ids that are likely one person.

Fellegi and Sunter's model ("A Theory for Record Linkage", 1969) with fixed weights, so that it can be explained and
does the same every time. Of two customers with different addresses

    the same telephone number   70 of 100 pairs of one person, 1 of 100 000 of two
    addresses two letters apart 20 of 100, 1 of 100 000
    the same postcode           85 of 100, 2 of 1 000
    the same year of birth      95 of 100, 15 of 1 000

and what is not known says nothing. Two are joined from a probability of 0.95 on, where 1 pair in 100 000 is one person
before anything is compared: the same number and postcode do, the same number with another year of birth does not.
"""

import logging
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pyarrow as pa

from node.errors import UsageError
from node.likely.gathered import Gathered

PROBABILITY = 0.95
_PRIOR = 1e-5
_WEIGHTS: dict[str, tuple[list[float], list[float]]] = {
    "email": ([0.001, 0.2, 0.799], [1e-6, 1e-5, 0.999_989]),
    "phone": ([0.7, 0.3], [1e-5, 0.999_99]),
    "postcode": ([0.85, 0.15], [0.002, 0.998]),
    "birth_year": ([0.95, 0.05], [0.015, 0.985]),
}
"""Of each comparison, per level from equal to different: how often in pairs of one person, and of two."""


def require_splink() -> None:
    """Raises UsageError where Splink is not installed."""
    try:
        import splink  # noqa: F401
    except ImportError:
        raise UsageError(
            "--join-likely needs Splink, which is not installed. Install it beside Kudos: pip install 'kudos[splink]'"
        ) from None


def likely_persons(gathered: Gathered) -> list[list[bytes]]:
    """Groups of two match ids and more that are likely one person."""
    ids = sorted(gathered.people)
    if len(ids) < 2:
        return []
    groups: dict[Any, list[bytes]] = {}
    for person, place in _clusters(_table([gathered.people[each] for each in ids])):
        groups.setdefault(person, []).append(ids[place])
    return sorted(sorted(group) for group in groups.values() if len(group) > 1)


def _table(people: Sequence[tuple[object, ...]]) -> pa.Table:
    email, phone, year, postcode = zip(*people, strict=True)
    return pa.table(
        {
            "unique_id": pa.array(range(len(people)), pa.int64()),
            "email": pa.array(email, pa.string()),
            "phone": pa.array(phone, pa.string()),
            "birth_year": pa.array(year, pa.int64()),
            "postcode": pa.array(postcode, pa.string()),
        }
    )


def _clusters(people: pa.Table) -> list[tuple[object, int]]:
    """The number of the person of each row."""
    import duckdb
    import splink.comparison_library as compare
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    comparisons: list[Any] = [
        compare.LevenshteinAtThresholds("email", 2),
        *(compare.ExactMatch(name) for name in ("phone", "postcode", "birth_year")),
    ]
    for comparison, (same, other) in zip(comparisons, _WEIGHTS.values(), strict=True):
        comparison.configure(m_probabilities=same, u_probabilities=other)
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    settings = SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=_PRIOR,
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on("phone"), block_on("postcode", "birth_year")],
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    # In memory, and an engine that runs out of it fails: it must not spill addresses to the disk.
    memory = duckdb.connect(":memory:", config={"temp_directory": "", "autoinstall_known_extensions": False})
    with closing(memory):
        linker = Linker(DuckDBAPI(connection=memory).register(people), settings, log_level=None)
        pairs = linker.inference.predict(threshold_match_probability=PROBABILITY)
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, PROBABILITY)
        found = clusters.as_duckdbpyrelation().project("cluster_id, unique_id").fetchall()
    return [(person, int(place)) for person, place in found]
