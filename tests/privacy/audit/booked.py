"""The parts of entries as nodes book them: of a study's tables, of a sketch, of a count."""

from privacy.ledger.leaves import SpentLaplace, SpentPart, SpentResponse
from privacy.sketch.counting import HISTOGRAM_L1
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.cross_use_price import count_price, sketch_spend
from privacy.studies.price import price
from privacy.studies.study import Study


def parts_of(study: Study) -> tuple[SpentPart, ...]:
    """Of a release of a study's tables."""
    return tuple(
        SpentPart(
            table=each.part.table.name,
            measure=str(each.part.measure),
            cells=each.part.table.cells,
            l2_squared=each.l2_squared,
            scale=each.mechanism.scale,
            rho_u=each.cost.micro,
        )
        for each in price(study).parts
    )


def sketch_parts(study: CrossUseStudy) -> tuple[SpentResponse, ...]:
    """Of the sketch that a study of cross-use counts against."""
    part = SpentResponse(
        table="sketch",
        measure="customers",
        cells=study.buckets,
        flips=study.response.flips,
        flip_bits=study.response.bits,
        epsilon_u=sketch_spend(study).epsilon.micro,
    )
    return (part,)


def count_parts(study: CrossUseStudy, peers: int) -> tuple[SpentPart, SpentLaplace]:
    """Of a count against so many peers."""
    priced = count_price(study, peers)
    sums = SpentPart(
        table="cross_use",
        measure="sums",
        cells=(len(study.groups) + 1) * (peers + 1),
        l2_squared=priced.l2_squared,
        scale=priced.sums.scale,
        rho_u=priced.rho.micro,
    )
    histogram = SpentLaplace(
        table="cross_use",
        measure="histogram",
        cells=peers + 1,
        l1=HISTOGRAM_L1,
        scale=priced.histogram.scale,
        epsilon_u=priced.epsilon.micro,
    )
    return sums, histogram
