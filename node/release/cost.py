"""What taking part in a study would cost now, of whichever kind it is, and what of it is paid for already."""

from dataclasses import dataclass

from node.release.stored_cross_use import sketch_of
from privacy.bounds.windows import Window
from privacy.budget.amounts import Spend
from privacy.ledger.contents import Contents
from privacy.sketch.buckets import epoch_of
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.cross_use_price import sketch_spend
from privacy.studies.price import price
from privacy.studies.shelf import AnyStudy


@dataclass(frozen=True)
class Cost:
    """What is to be booked, step by step: a sketch (nothing where there is none to make), then a release or a count."""

    sketch: Spend
    release: Spend

    @property
    def spend(self) -> Spend:
        """All of it."""
        return self.sketch + self.release

    @property
    def paid(self) -> bool:
        """Whether everything is paid for already."""
        return self.spend == Spend.nothing()


def cost_of(study: AnyStudy, window: Window, contents: Contents) -> Cost:
    """What taking part in a round of a study over a window would book that is not booked yet; at most, for a count."""
    nothing = Spend.nothing()
    paid = contents.find(study.digest, window) is not None
    if not isinstance(study, CrossUseStudy):
        return Cost(nothing, nothing if paid else price(study).spend)
    sketch = nothing if sketch_of(contents, epoch_of(window)) else sketch_spend(study)
    return Cost(sketch, nothing if paid else Spend(study.histogram_epsilon, study.rho))
