"""Where a node stands with the network's identity key, for people and for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from node.home import Home
from node.network.directory import Other
from node.network.offering import pin_of, pinned
from node.network.own_key import of_chain
from privacy.identity.chain import KeyChain
from privacy.identity.words import eight_words


@dataclass(frozen=True)
class Standing:
    """Where this node stands. `state`: first, holder, waiting (for two people to compare the words) or pinned.

    `words` are those of this node and `sponsor`, where it waits for it, or of a holder and the member that was asked
    about: a newcomer, or one at another epoch. `newcomers` hold no key yet. `ahead` commit to a later epoch than this
    node's, which it cannot know yet. `strays` hold another key than this node, or than each other. `overtaken`: this
    node made a key just now, and another member was first.
    """

    state: str
    epoch: int | None
    commitment: str | None
    sponsor: Other | None = None
    words: tuple[str, ...] = ()
    newcomers: tuple[Other, ...] = ()
    holders: tuple[Other, ...] = ()
    strays: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    overtaken: bool = False

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "state": self.state,
            "epoch": self.epoch,
            "commitment": self.commitment,
            "sponsor": self.sponsor.id if self.sponsor else None,
            "words": list(self.words),
            "newcomers": [each.id for each in self.newcomers],
            "holders": [each.id for each in self.holders],
            "strays": list(self.strays),
            "ahead": list(self.ahead),
        }


def is_ahead(other: Other, chain: KeyChain) -> bool:
    """Whether a member commits to a later epoch than a chain has."""
    return other.commitment is not None and other.commitment.epoch > chain.epoch


def stands(home: Home, mine: Other, others: Sequence[Other], chain: KeyChain | None, wanted: str | None) -> Standing:
    """Where this node stands, which holds `chain` or none; the words are those with the member that is `wanted`."""
    holders = tuple(each for each in others if each.commitment)
    newcomers = tuple(each for each in others if each.commitment is None)
    if chain is None:
        return _waits(home, mine, holders, newcomers, wanted)
    ahead = tuple(each.id for each in holders if is_ahead(each, chain))
    strays = tuple(
        each.id for each in holders if each.commitment and each.id not in ahead and not of_chain(each.commitment, chain)
    )
    own = chain.commitment()
    asked = next((each for each in others if each.id == wanted), None)
    words = _words(chain, mine, asked) if asked else ()
    return Standing("holder", chain.epoch, own.hex(), None, words, newcomers, holders, strays, ahead)


def _words(chain: KeyChain, mine: Other, other: Other) -> tuple[str, ...]:
    """Of the two, who is at the later epoch sponsors the other; none where both are at the same."""
    if other.commitment is not None and other.commitment.epoch > chain.epoch:
        return eight_words(other.commitment.commitment, other.keys, mine.keys)
    if other.commitment is not None and other.commitment.commitment == chain.commitment():
        return ()
    return eight_words(chain.commitment(), mine.keys, other.keys)


def _waits(
    home: Home, mine: Other, holders: tuple[Other, ...], newcomers: tuple[Other, ...], wanted: str | None
) -> Standing:
    sponsor = next((each for each in holders if wanted in (None, each.id)), None)
    if sponsor is None or sponsor.commitment is None:
        return Standing("waiting", None, None, newcomers=newcomers, holders=holders)
    confirmed = pinned(home)
    kept = next((each for each in holders if pin_of(each) == confirmed), None)
    strays = tuple(
        each.id for each in holders if each.commitment and each.commitment.commitment != sponsor.commitment.commitment
    )
    state, shown = ("pinned", kept) if kept else ("waiting", sponsor)
    words = eight_words(sponsor.commitment.commitment, sponsor.keys, mine.keys)
    return Standing(state, None, None, shown, words, newcomers, holders, strays)
