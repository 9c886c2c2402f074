"""A study of cross-use and its parser: how audiences move between the members of a market.

Each member makes one sketch of its customers a year, and counts its own customers against its peers' sketches. The
study fixes the sketch (how many buckets, how many flips), the budget of the counts, and by what the customers are
divided: one partition, for each further one would cost again. docs/cross-use.md has the protocol.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from privacy.budget.amounts import Epsilon, Rho
from privacy.catalogue import dimensions
from privacy.catalogue.dimensions import Dimension
from privacy.mechanisms.calibration import BadMechanism
from privacy.mechanisms.response import RandomizedResponse
from privacy.studies.file import BadStudy, DisclosureSection, Name, Positive, Strict, Title, amount, checked, digest_of

KIND = "cross-use"
"""What such a study's file says of itself."""

PARTITIONS = {
    each.name: each for each in (dimensions.AGE_BAND, dimensions.COUNTY, dimensions.SEGMENT, dimensions.FREQUENCY_BAND)
}
"""By what customers can be divided: what each of them has one of, `unknown` included."""

MOST_MEMBERS = 250
"""Members of one market: the noise of the counts grows with them, and each downloads the sketches of all others."""

Percent = Annotated[int, Field(ge=1, le=100)]
Group = Literal["network", "industry", "county"]


class SketchSection(Strict):
    """The sketch: a power of two of buckets; each bit is flipped with probability flips / 2^flip_bits."""

    buckets: Annotated[int, Field(ge=2**10, le=2**28)]
    flips: Annotated[int, Field(gt=0, lt=2**32)]
    flip_bits: Annotated[int, Field(ge=2, le=32)]


class CountSection(Strict):
    """The counts: ρ of the sums with the sizes, ε of the histogram, and the partition of the customers."""

    rho: Annotated[str, Field(max_length=40)]
    histogram_epsilon: Annotated[str, Field(max_length=40)]
    partition: str


class CrossUseDisclosure(DisclosureSection):
    """As of every study; and from which relative standard error on a figure is withheld as mostly noise."""

    noise_percent: Percent


class CrossUseFile(Strict):
    """The TOML file of a study of cross-use, field by field."""

    kind: Literal["cross-use"]
    name: Name
    version: Positive
    title: Title
    window: Literal["year"]
    cohorts: Annotated[list[Group], Field(min_length=1, max_length=3)]
    sketch: SketchSection
    count: CountSection
    disclosure: CrossUseDisclosure


@dataclass(frozen=True)
class CrossUseStudy:
    """A checked study of cross-use.

    `buckets` and `response` are the sketch's; `rho` pays for the sums and sizes of a count, `histogram_epsilon` for its
    histogram. The groups of customers are the categories of `partition`, in their order.
    """

    name: str
    version: int
    title: str
    digest: str
    buckets: int
    response: RandomizedResponse
    rho: Rho
    histogram_epsilon: Epsilon
    partition: Dimension
    disclosure: CrossUseDisclosure
    cohorts: tuple[str, ...]
    period: Literal["year"] = "year"

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of customers."""
        return self.partition.categories

    @property
    def flip_probability(self) -> Fraction:
        """p, with which a bit of a sketch is flipped."""
        return self.response.probability

    @cached_property
    def layout_digest(self) -> str:
        """SHA-256 of the layout: which row of a count is which group."""
        return digest_of(_layout(self.partition))

    @cached_property
    def sketch_digest(self) -> str:
        """SHA-256 of what a sketch is by this study: what a ledger names where it books one.

        All studies with the same buckets and flips share it, and so the one sketch that a member makes a year.
        """
        return sketch_digest(self.buckets, self.response)


SKETCH = "sketch"
"""What a ledger calls the study that books a sketch, for the sketch serves every study of its parameters."""


def sketch_digest(buckets: int, response: RandomizedResponse) -> str:
    """The digest that a ledger names where it books a sketch of these parameters."""
    return digest_of({"sketch": {"buckets": buckets, "flips": response.flips, "flip_bits": response.bits}})


def from_content(content: dict[str, Any], origin: str) -> CrossUseStudy:
    """A study of cross-use from what its file says, read as TOML. Raises BadStudy, with `origin` and the field."""
    file = checked(CrossUseFile, content, origin)
    if len(set(file.cohorts)) < len(file.cohorts):
        raise BadStudy(f"{origin}: cohorts: one of them stands there twice.")
    if file.sketch.buckets & (file.sketch.buckets - 1):
        raise BadStudy(f"{origin}: sketch.buckets: {file.sketch.buckets} is no power of two. Write such as {2**23}.")
    partition = PARTITIONS.get(file.count.partition)
    if partition is None:
        raise BadStudy(f"{origin}: count.partition: customers can be divided by {', '.join(PARTITIONS)}.")
    try:
        response = RandomizedResponse(file.sketch.flips, file.sketch.flip_bits)
    except BadMechanism as error:
        raise BadStudy(f"{origin}: sketch.flips: {error}") from error
    rho = amount(Rho, file.count.rho, "count.rho", origin)
    histogram = amount(Epsilon, file.count.histogram_epsilon, "count.histogram_epsilon", origin)
    if not rho.micro or not histogram.micro:
        raise BadStudy(f"{origin}: count: sums need a rho above 0, and the histogram a histogram_epsilon above 0.")
    return CrossUseStudy(
        name=file.name,
        version=file.version,
        title=file.title,
        digest=digest_of({"study": file.model_dump(mode="json"), "layout": _layout(partition)}),
        buckets=file.sketch.buckets,
        response=response,
        rho=rho,
        histogram_epsilon=histogram,
        partition=partition,
        disclosure=file.disclosure,
        cohorts=tuple(file.cohorts),
    )


def _layout(partition: Dimension) -> list[str | list[str]]:
    return [KIND, partition.name, list(partition.categories)]
