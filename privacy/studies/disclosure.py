"""A study as the public registry of deployments of differential privacy describes one.

The form is that of https://registry.opendp.org: `schemas/deployments-schema.yaml` of the repository
opendp/deployments-registry-data, as of 2026-07-15, tier 3. What a study alone can know is filled in; who publishes it,
of what region, since when and who writes it down, whoever calls says. A record is a draft until a person has read it.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from privacy.budget.amounts import MICRO, Spend
from privacy.budget.composition import total_epsilon
from privacy.catalogue.tables import Bounds
from privacy.studies.cross_use import CrossUseStudy
from privacy.studies.cross_use_price import most
from privacy.studies.price import price
from privacy.studies.shelf import AnyStudy
from privacy.studies.study import Study

DELTA = Fraction(1, MICRO)
"""At which a zero-concentrated amount is also told as an ε."""


@dataclass(frozen=True)
class Publisher:
    """What no study knows: who publishes it, for where, since when, and who wrote the record."""

    curator: str
    region: str
    published: date
    authors: tuple[str, ...]
    sources: str = ""


def record(study: AnyStudy, publisher: Publisher) -> dict[str, Any]:
    """The record of a study, of plain strings, numbers, lists and dictionaries in the registry's order."""
    crossed = isinstance(study, CrossUseStudy)
    spend = most(study) if isinstance(study, CrossUseStudy) else price(study).spend
    administrative: dict[str, Any] = {"registry_authors": list(publisher.authors)}
    if publisher.sources:
        administrative = {"sources": publisher.sources} | administrative
    return {
        "url_slug": f"kudos_{study.name.replace('-', '_')}_v{study.version}",
        "status": "Draft",
        "tier": 3,
        "deployment": {
            "basic": _basic(study, publisher),
            "dp_variant": {
                "variant_name": "Approximate DP" if crossed else "Zero-concentrated DP",
                "data_domain": _DOMAIN,
                "unprotected_quantities": _UNPROTECTED,
            },
            "privacy_loss": {
                "privacy_unit": "One customer of one institution",
                "privacy_unit_details": _UNIT,
                "privacy_parameters": _parameters(spend, crossed=crossed),
                "privacy_parameters_details": _parameters_told(study, spend),
            },
            "deployment_model": _MODEL,
            "accounting": {
                "post_processing": _AFTER_CROSS_USE if crossed else _AFTER,
                "composition": _COMPOSITION,
            },
            "implementation": {
                "preprocessing_and_hyperparameter_tuning": _before(study),
                "mechanisms": _mechanisms(study),
                "justification": _WHY,
            },
            "administrative": administrative,
        },
    }


def _basic(study: AnyStudy, publisher: Publisher) -> dict[str, Any]:
    what = (
        "How audiences of cultural institutions overlap: estimates for groups of institutions, with standard errors."
        if isinstance(study, CrossUseStudy)
        else "Sums over the customers of cultural institutions by group of institutions, and key figures of them, with "
        "standard errors; every institution adds noise before anything leaves it."
    )
    return {
        "name": f"{study.title} (Kudos, {study.name} version {study.version})",
        "data_curators": [publisher.curator],
        "intended_use": "Cultural institutions compare themselves with their industry and region.",
        "data_product_type": "Summary statistics",
        "data_product_region": publisher.region,
        "description": f"{what} The study's digest is {study.digest}.",
        "publication_date": publisher.published.isoformat(),
    }


def _parameters(spend: Spend, *, crossed: bool) -> dict[str, float]:
    """As the registry's variants take them; its numbers are for readers, and the ledgers have the exact ones."""
    if not crossed:
        return {"rho": spend.rho.micro / MICRO}
    return {"epsilon": total_epsilon(spend, DELTA).micro / MICRO, "delta": float(DELTA)}


def _parameters_told(study: AnyStudy, spend: Spend) -> str:
    epsilon = total_epsilon(spend, DELTA)
    if isinstance(study, CrossUseStudy):
        return (
            f"For each member that takes part, with its sketch of the year: {spend.epsilon} of pure epsilon (the "
            "sketch "
            f"{study.response.cost()}, the histogram {study.histogram_epsilon}) and rho {spend.rho}; together "
            f"epsilon {epsilon} at delta 10^-6. Who is a customer of several members is protected by each separately."
        )
    return (
        f"For each member and release: rho {spend.rho}, which is epsilon {epsilon} at delta 10^-6. A member's policy "
        "bounds what all its releases of twelve months cost together, by default epsilon 3 at delta 10^-6. Who is a "
        "customer of several members is protected by each separately."
    )


def _before(study: AnyStudy) -> str:
    bounds = study.bounds if isinstance(study, Study) else None
    cut = f" Contributions are bounded by public constants of the study: {_told(bounds)}." if bounds else ""
    return (
        "Returns are netted into their sales; attributes of a customer follow from that customer's own rows."
        + cut
        + " "
        "Bounds and shares of the budget were chosen on simulated customers, so that no privacy was lost on the choice."
    )


def _told(bounds: Bounds) -> str:
    return (
        f"at most {bounds.max_orders} orders, {bounds.max_lines} lines, {bounds.max_tickets} tickets and "
        f"{bounds.max_revenue_ore // 100} kroner of a customer in the window, where a table has none of its own"
    )


def _mechanisms(study: AnyStudy) -> str:
    if isinstance(study, CrossUseStudy):
        return (
            f"Randomised response on every bit of a sketch of {study.buckets} buckets, flipped with probability "
            f"{study.flip_probability}, exact Bernoulli bits from a keystream that the operating system has "
            "keyed; discrete "
            "Gaussian noise on the counts and discrete Laplace noise on the histogram, both drawn by OpenDP. "
        ) + _CARE
    cost = price(study)
    quantiles = f" and {len(cost.quantiles)} quantiles by the exponential mechanism" if cost.quantiles else ""
    return f"Discrete Gaussian noise on {study.cells} whole numbers{quantiles}, drawn by OpenDP. " + _CARE


_DOMAIN = (
    "The order lines of one institution's ticketing system over a window of whole months, each of a customer or "
    "of nobody "
    "known: date, categories, tickets and revenue in whole øre."
)
_UNPROTECTED = (
    "Which institutions take part, and when; the shape of a release, which is the same for an empty store; what the "
    "institution's own file of events says of its performances."
)
_UNIT = (
    "Adjacent are data sets of one institution that differ by all rows of one customer, added or removed, over "
    "the whole "
    "window. A sale without a known customer is a unit of its own."
)
_MODEL = {
    "model_name": "Federated",
    "model_name_details": "Each institution is the curator of its own data and adds the whole noise before it sends.",
    "actors": (
        "Institutions see their own data and what is published. The coordinator sees each institution's noisy "
        "integers, and "
        "no row, identifier or exact figure; it is trusted with these for the institutions' secrecy and not for the "
        "customers' privacy. Auditors check ledgers, releases and publications from files alone."
    ),
    "release_type": "Many releases",
    "release_type_details": "One for each window; the budget of trailing twelve months bounds all of them together.",
    "data_source_type": "Dynamic",
    "data_source_type_details": "Sales come in daily; a window is released once and never changed.",
    "access_type": "Non-interactive",
    "access_type_details": "A study is a file that names tables of a closed catalogue; no query is ever taken.",
}
_AFTER = (
    "Noisy sums of institutions are added by group, reconciled by weighted least squares, and ratios are made of them; "
    "what lies below zero is shown as zero. Groups of too few members, and cells that one member dominates, are "
    "withheld."
)
_AFTER_CROSS_USE = (
    "Flips and collisions are removed from the noisy counts, both directions are combined by inverse variance, "
    "and reach is "
    "fitted by maximum likelihood. Groups of too few members are withheld."
)
_COMPOSITION = (
    "Sequential over tables, windows and studies, exactly, in integers of a millionth; never parallel. Every "
    "release is "
    "booked in an append-only, witnessed ledger before it leaves."
)
_CARE = (
    "All released numbers are whole; no float meets the data before the noise does. The noise cannot be seeded. "
    "Each release "
    "has a fixed shape, and is stored with its ledger entry in one transaction."
)
_WHY = (
    "Statistical tests hold the installed mechanisms to their stated scale, and fail at five per cent off; "
    "neighbouring data "
    "sets are drawn at random to hold every table to its declared sensitivity; an auditor recomputes each "
    "publication and "
    "composes every ledger by a second, independent accountant."
)
