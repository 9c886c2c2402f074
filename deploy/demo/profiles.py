"""What the institution's customer file says of its customers, with the gaps and doubles that such files have."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deploy.demo.institution import Institution
from deploy.demo.population import Numbers, Persons

Flags = NDArray[np.bool_]

DESK_EMAIL = "billett@example.no"
"""Typed in at the till where the buyer gives no address: it names nobody."""

_NO_EMAIL, _NO_CONTACT = 0.027, 0.007
_HAS_PHONE = 0.55
_TWICE = 0.03


@dataclass(frozen=True)
class Profiles:
    """One row per profile. The first stands for each person in turn, then come the second profiles, last the till's.

    `person` is an index into the institution's persons, -1 for the till. `email` and `phone` are as typed, empty where
    not given; the flags say what else the file knows.
    """

    person: Numbers
    key: Numbers
    email: Sequence[str]
    phone: Sequence[str]
    knows_birth: Flags
    knows_gender: Flags
    knows_place: Flags
    second_of: dict[int, int]
    """From a person to the second profile."""

    @property
    def desk(self) -> int:
        """The till's profile."""
        return len(self.person) - 1


def profiles(institution: Institution, people: Persons) -> Profiles:
    """The customer file. Some give no address but a telephone number, a few give neither and are known by key alone.

    Two profiles of one person have one address, spelled differently but normalised to the same.
    """
    rng = institution.rng(3)
    count = len(people.ids)
    contact = rng.random(count)
    has_email = contact >= _NO_EMAIL
    twice = np.flatnonzero(has_email & (rng.random(count) < _TWICE))
    person = np.concatenate([np.arange(count), twice, [-1]])
    phone_given = (rng.random(len(person)) < _HAS_PHONE) | (contact[person] < _NO_EMAIL)
    phone_given &= contact[person] >= _NO_CONTACT
    spelling = rng.random(len(person))
    emails = [
        _spelled(people.email[index], luck, second=row >= count) if has_email[index] else ""
        for row, (index, luck) in enumerate(zip(person[:-1].tolist(), spelling.tolist(), strict=False))
    ]
    phones = [
        _dialled(people.phone[index], luck) if given else ""
        for index, given, luck in zip(person[:-1].tolist(), phone_given.tolist(), spelling.tolist(), strict=False)
    ]
    known = rng.random((3, len(person)))
    known[:, -1] = 1.0
    return Profiles(
        person=person,
        key=10_000 + rng.permutation(len(person)),
        email=[*emails, DESK_EMAIL],
        phone=[*phones, ""],
        knows_birth=known[0] < 0.62,
        knows_gender=known[1] < 0.7,
        knows_place=known[2] < 0.94,
        second_of={int(index): count + row for row, index in enumerate(twice)},
    )


def _spelled(email: str, luck: float, *, second: bool) -> str:
    """An address as people type it; a second profile always types it in another way than the first may."""
    local, _, domain = email.partition("@")
    if second:
        return (
            _otherwise(local, luck) + "@GMail.com"
            if domain == "gmail.com"
            else f"{local.capitalize()}@{domain.upper()}"
        )
    if luck < 0.08:
        return f"{local.title()}@{domain}"
    return f" {email}" if luck < 0.09 else email


def _otherwise(local: str, luck: float) -> str:
    """Another spelling of a Gmail name: without its dots, or with a suffix."""
    return local.replace(".", "") if luck < 0.5 else f"{local}+teater"


def _dialled(number: str, luck: float) -> str:
    """A telephone number as people type it."""
    if luck < 0.5:
        return number
    return f"+47 {number[:3]} {number[3:5]} {number[5:]}" if luck < 0.9 else f"0047{number}"
