"""The parts of entries as nodes book them: of a study's tables, of a sketch, of a count."""

from privacy.ledger.leaves import AnyPart, SpentByCell, SpentLaplace, SpentPart, SpentQuantile, SpentResponse
from privacy.sketch.counting import HISTOGRAM_L1
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.cross_use_price import count_price, sketch_spend
from privacy.studies.price import PricedPart, price
from privacy.studies.study import Study


def parts_of(study: Study) -> tuple[AnyPart, ...]:
    """Of a release of a study's quantiles and tables."""
    priced = price(study)
    quantiles = (
        SpentQuantile(
            table=f"{each.part.measure}_quantiles",
            measure=str(each.part.measure),
            cells=1,
            alpha=each.part.at,
            candidates=each.mechanism.candidates,
            scale=each.mechanism.scale,
            rho_u=each.cost.micro,
        )
        for each in priced.quantiles
    )
    return (*quantiles, *map(_table, priced.parts))


def _table(each: PricedPart) -> AnyPart:
    if len(each.noises) > 1:
        return SpentByCell(
            table=each.part.table.name,
            measure=str(each.part.measure),
            cells=each.part.table.cells,
            l2_squared=tuple(noise.l2_squared for noise in each.noises),
            scale=tuple(noise.mechanism.scale for noise in each.noises),
            rho_u=each.cost.micro,
        )
    return SpentPart(
        table=each.part.table.name,
        measure=str(each.part.measure),
        cells=each.part.table.cells,
        l2_squared=each.l2_squared,
        scale=each.mechanism.scale,
        rho_u=each.cost.micro,
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
