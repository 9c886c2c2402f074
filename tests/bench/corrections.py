"""What bounds have cut off, put back as a benchmark does (`privacy.estimate.clipping`), by table and measure."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from privacy.catalogue.measures import Measure
from privacy.estimate.clipping.rules import uncut
from privacy.studies.study import Study

Floats = NDArray[np.float64]
Figures = Mapping[tuple[str, Measure], Floats]
"""By table and measure: shape (cells, draws)."""

MEMBERS = 10


def corrected(study: Study, figures: Figures) -> dict[tuple[str, Measure], Floats]:
    """The figures with what was cut off put back, where every category is shown. As sums over ten members."""
    keys = [(part.table.name, part.measure) for part in study.parts]
    values = np.concatenate([figures[key] for key in keys]).astype(np.float64)
    every = uncut(study, values, np.ones(values.shape, dtype=np.bool_), [MEMBERS] * values.shape[1]).values
    ends = np.cumsum([len(figures[key]) for key in keys])
    return dict(zip(keys, np.split(every, ends[:-1]), strict=True))
