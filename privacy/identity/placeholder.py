"""Addresses that a till types in when the buyer gives none: they name no customer.

What is told here is told from the address alone. An address with improbably many orders is found by
counting them, where the orders are.
"""

from collections.abc import Set as AbstractSet

_BOX_OFFICE = (
    "billett billetter billettkontor billettkontoret billettluke billettsalg billettservice boxoffice "
    "box-office booking bestilling kasse kassa butikk museumsbutikk resepsjon resepsjonen reception salg "
    "sales ticket tickets ticketing vertskap publikumsvert"
)
"""The counter and its staff."""

_COMMON_MAILBOX = (
    "post postmottak firmapost mail epost e-post email e-mail info kontakt contact kontor kontoret office "
    "hello hei admin administrasjon administrator kundeservice kundesenter kundekontakt service support "
    "hjelp faktura regnskap"
)
"""An organisation's, typed in for a group, a school or a company: many people, or another one each time."""

_NOBODY_READS = (
    "noreply no-reply no_reply no.reply donotreply do-not-reply ikkesvar ikke-svar "
    "postmaster webmaster hostmaster abuse"
)
"""Senders only, and the names of RFC 2142."""

_MADE_UP = (
    "test tester testing dummy anonym anonymous ukjent unknown ingen ingenepost ingen-epost ingenmail "
    "mangler none nomail noemail gjest guest walkin walk-in dropin drop-in example eksempel"
)
"""To get past a field that must be filled in."""

ROLES = frozenset(f"{_BOX_OFFICE} {_COMMON_MAILBOX} {_NOBODY_READS} {_MADE_UP}".split())
"""Local parts that stand for a function and not for a person. A +suffix and a closing number do not
count, so that the tills `kasse1@` and `billett-2@` are found too. First names are left out, also where
they mean something at a counter (`luke`, `luka`)."""


def is_placeholder(normalised_email: str, own_domains: AbstractSet[str]) -> bool:
    """Whether an address stands for no customer: a function's mailbox, or one of the institution's own.

    `normalised_email` comes from `normalise_email` and `own_domains` from `normalise_domain`. Subdomains
    of the institution's domains are its own as well: nobody but its staff and its tills has an address
    there.
    """
    local, _, domain = normalised_email.rpartition("@")
    role = local.partition("+")[0]
    if role in ROLES or role.rstrip("0123456789").rstrip("-_.") in ROLES:
        return True
    if not own_domains:
        return False
    labels = domain.split(".")
    return any(".".join(labels[start:]) in own_domains for start in range(len(labels)))
