"""The same tables by a general engine: PipelineDP, on one member, with the whole budget of the study.

Run by an interpreter of its own (`tests.bench.peer` makes it), for Kudos does not depend on the library:

    python tests/bench/general_engine.py FILE

FILE is what `tests.bench.peer` has written: the aggregations with their rows and bounds. It prints one line of JSON:
seconds, peak_mb, and the released cells of those aggregations that are carried out, by their place. All of them share
the budget, by the accountant of privacy loss distributions, whether or not they are carried out.

An engine of this kind bounds how many cells a customer is in (L0) and how much of each (the sum in a cell), not what a
customer has over all cells together; and it has no cells that add up to others.
"""

import json
import pickle
import resource
import sys
import time
from pathlib import Path
from typing import Any

import pipeline_dp  # type: ignore[import-not-found]


def main() -> None:
    """Every aggregation asked for, its noise calibrated once for all."""
    told = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301, our own file
    accountant = pipeline_dp.PLDBudgetAccountant(told["epsilon"], told["delta"])
    engine = pipeline_dp.DPEngine(accountant, pipeline_dp.LocalBackend())
    extractors = pipeline_dp.DataExtractors(
        privacy_id_extractor=lambda row: row[0],
        partition_extractor=lambda row: row[1],
        value_extractor=lambda row: row[2],
    )
    asked = [
        engine.aggregate(
            each["rows"] or [(0, 0, 0)], _params(each), extractors, public_partitions=list(range(each["cells"]))
        )
        for each in told["aggregations"]
    ]
    accountant.compute_budgets()
    started = time.perf_counter()
    released = {}
    for place, (each, lazily) in enumerate(zip(told["aggregations"], asked, strict=True)):
        if each["rows"]:
            found = {cell: metrics[0] for cell, metrics in lazily}
            released[place] = [found[cell] for cell in range(each["cells"])]
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "released": released}))


def _params(each: dict[str, Any]) -> Any:
    if each["measure"] == "customers":
        return pipeline_dp.AggregateParams(
            metrics=[pipeline_dp.Metrics.PRIVACY_ID_COUNT],
            noise_kind=pipeline_dp.NoiseKind.GAUSSIAN,
            max_partitions_contributed=each["l0"],
            max_contributions_per_partition=1,
        )
    return pipeline_dp.AggregateParams(
        metrics=[pipeline_dp.Metrics.SUM],
        noise_kind=pipeline_dp.NoiseKind.GAUSSIAN,
        max_partitions_contributed=each["l0"],
        max_contributions_per_partition=10**6,  # it asks for it; the sum is what is bounded
        min_sum_per_partition=0.0,
        max_sum_per_partition=float(each["most"]),
    )


if __name__ == "__main__":
    main()
