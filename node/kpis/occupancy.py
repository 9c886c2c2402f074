"""Occupancy: tickets sold of the seats on sale, over the performances whose capacity is known."""

from dataclasses import dataclass

import narwhals as nw

from node.kpis.orders import rows
from node.kpis.performances import Performances
from node.kpis.ratios import ratio
from privacy.bounds.frames import Frame, int64
from privacy.bounds.windows import Window
from privacy.catalogue.dimensions import Dimension


@dataclass(frozen=True)
class Occupancy:
    """Performances on some days, called-off ones left out. `capacity` and `sold` are of those with a known capacity.

    Sold are all net tickets, whenever they were ordered.
    """

    performances: int = 0
    with_capacity: int = 0
    capacity: int = 0
    sold: int = 0

    @property
    def share(self) -> float | None:
        """Sold of the capacity; above one where more was sold than there are seats."""
        return ratio(self.sold, self.capacity)

    def __add__(self, other: "Occupancy") -> "Occupancy":
        return Occupancy(
            self.performances + other.performances,
            self.with_capacity + other.with_capacity,
            self.capacity + other.capacity,
            self.sold + other.sold,
        )


def occupancy_of(sales: Frame, performances: Performances, window: Window, by: Dimension) -> dict[str, Occupancy]:
    """Occupancy of the performances that start in a window, by a dimension of performances (genre, weekday, daypart).

    A capacity of zero is none.
    """
    held = performances.frame.filter(
        nw.col("start_on").is_between(window.first, window.last) & ~nw.col("cancelled")
    ).with_columns(
        known=int64(nw.when(nw.col("capacity") > 0).then(nw.lit(1)).otherwise(nw.lit(0))),
    )
    tickets = (
        sales.join(held.select("event_no"), on="event_no", how="semi")
        .group_by("event_no")
        .agg(sold=int64(nw.col("tickets").sum()))
    )
    grouped = (
        held.join(tickets, on="event_no", how="left")
        .group_by(nw.col(by.name).alias("category"))
        .agg(
            performances=int64(nw.len()),
            with_capacity=int64(nw.col("known").sum()),
            capacity=int64((nw.col("capacity").fill_null(0) * nw.col("known")).sum()),
            sold=int64((nw.col("sold").fill_null(0) * nw.col("known")).sum()),
        )
    )
    found = {
        row.pop("category"): Occupancy(**{name: value or 0 for name, value in row.items()}) for row in rows(grouped)
    }
    return {name: found[index] for index, name in enumerate(by.categories) if index in found}
