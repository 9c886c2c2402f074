"""Combining the releases of a large network, and the bytes of the benchmark."""

import sys
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np

from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import Dimension, Level
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import BoundedTable, Table
from privacy.estimate.benchmark import Benchmark, Included, serialise
from privacy.estimate.cohorts import Member
from privacy.estimate.combine import combine
from privacy.studies.study import Part, Study, find
from tests.bench.measure import report

INDUSTRIES, COUNTIES = 10, 15


def study_of(cells: int) -> Study:
    """The benchmark with one more table, so that a release has so many cells, and without crossed cohorts."""
    study = find("benchmark")
    categories = (cells - study.cells) // len(Measure)
    wide = Table("wide", Dimension("wide", Level.ORDER, tuple(f"c{index}" for index in range(categories))))
    share = study.parts[-1].rho
    return replace(
        study,
        cohorts=("network", "industry", "county"),
        parts=(*study.parts, *(Part(BoundedTable(wide, (study.bounds,)), measure, share) for measure in Measure)),
    )


def members_of(number: int) -> list[Member]:
    """Houses of 10 industries in 15 counties, the first of each the most frequent."""
    random = np.random.default_rng(1)
    industries = np.floor(INDUSTRIES * random.beta(1, 2, number)).astype(int)
    counties = np.floor(COUNTIES * random.beta(1, 2, number)).astype(int)
    return [
        Member(f"house-{index:04d}", f"industry-{industry}", f"{county:02d}")
        for index, (industry, county) in enumerate(zip(industries, counties, strict=True))
    ]


def work(number: int, cells: int) -> None:
    """Draws releases and measures what is done with them."""
    study, members = study_of(cells), members_of(number)
    values = np.random.default_rng(2).integers(0, 10**8, (number, study.cells), dtype=np.int64)

    def publish() -> None:
        benchmark = Benchmark(
            coordinator="kudos.example",
            round="bench",
            version=1,
            supersedes=None,
            reason=None,
            study=study.name,
            study_version=study.version,
            study_digest=study.digest,
            window=Window(date(2025, 1, 1), date(2025, 12, 31)),
            published=datetime(2026, 2, 1, tzinfo=UTC),
            releases=tuple(Included(member.member, "sha256:" + "0" * 64) for member in members),
            body=combine(study, members, values),
        )
        written = serialise(benchmark)
        shown = sum(line.status == "published" for line in benchmark.body.cohorts)
        print(f"{shown} cohorts, {len(benchmark.body.cells)} cells, {len(written) / 1e6:.0f} MB", file=sys.stderr)

    report(publish)


if __name__ == "__main__":
    work(int(sys.argv[1]), int(sys.argv[2]))
