"""What an import knows of each customer while it runs: in memory, never written, gone when the import ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field

Known = tuple[str | None, str | None, int | None, str | None]
"""A normalised address, a normalised number, year of birth, postcode."""


@dataclass
class Gathered:
    """By match id, the latest that the files of one import tell of each customer."""

    people: dict[bytes, Known] = field(default_factory=dict, repr=False)

    def add(
        self,
        ids: Sequence[bytes | None],
        emails: Sequence[str],
        phones: Sequence[str],
        years: Sequence[int | None],
        postcodes: Sequence[str],
    ) -> None:
        """Takes in some customers; texts as written, empty where the file has none. None as an id is nobody."""
        from privacy.identity.normalise import normalise_email, normalise_phone

        for who, email, phone, year, postcode in zip(ids, emails, phones, years, postcodes, strict=True):
            if who is None:
                continue
            told = (normalise_email(email), normalise_phone(phone), year, postcode.strip() or None)
            before = self.people.get(who, (None, None, None, None))
            self.people[who] = (
                told[0] or before[0], told[1] or before[1], told[2] or before[2], told[3] or before[3],
            )  # fmt: skip
