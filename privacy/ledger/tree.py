"""The Merkle tree over the leaves of a ledger: RFC 6962, section 2.1, with SHA-256.

Everything here takes and gives hashes of 32 bytes. Those of leaves are `privacy.ledger.leaves.leaf_hash`; nodes
are hashed with another first byte, so that none is ever taken for a leaf.

What makes a proof raises ValueError for a place that the tree does not have. What checks one never raises: it
answers False for anything wrong, whatever its size or the length of its hashes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

HASH_SIZE = 32

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""


def root(hashes: Sequence[bytes]) -> bytes:
    """The root of the tree over these leaf hashes, in time proportional to their number."""
    if not hashes:
        return EMPTY_ROOT
    level = hashes
    while len(level) > 1:
        paired = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        # The last one of an odd level goes up as it is: so every left subtree is complete, as the RFC has it.
        level = [*paired, level[-1]] if len(level) % 2 else paired
    return level[0]


def inclusion_proof(index: int, hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    """What proves that leaf `index`, from 0, is in the tree over `hashes`: PATH(m, D[n]) of RFC 6962.

    Raises ValueError where there is no such leaf.
    """
    if not 0 <= index < len(hashes):
        raise ValueError("a leaf that the tree does not have")
    if len(hashes) == 1:
        return ()
    split = _split(len(hashes))
    left, right = hashes[:split], hashes[split:]
    if index < split:
        return (*inclusion_proof(index, left), root(right))
    return (*inclusion_proof(index - split, right), root(left))


def consistency_proof(old_size: int, hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    """What proves that the tree over `hashes` extends the one over the first `old_size` of them: PROOF(m, D[n]).

    It is empty where `old_size` is 0 or all of them. Raises ValueError where the tree is smaller than that.
    """
    if not 0 <= old_size <= len(hashes):
        raise ValueError("an older tree larger than the newer one")
    if old_size == 0:
        return ()
    return _subproof(old_size, hashes, known=True)


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the leaf with this hash stands at `index` in the tree of this size and root.

    `size` and `root` must come from one checkpoint: a proof alone holds for every size at which its path runs
    the same way. Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size or not _all_hashes(leaf, root, *proof):
        return False
    at, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = _node(each, found)
            at, last = _up_to_right_child(at, last)
        else:
            found = _node(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether `proof` shows that the newer tree begins with all leaves of the older one.

    Each size and root must come from one checkpoint. Every tree extends the empty one, by an empty proof that
    says nothing of `new_root`. Source: RFC 9162, section 2.1.4.2; sizes 0 and equal sizes as in C2SP tlog-witness.
    """
    if not 0 <= old_size <= new_size or not _all_hashes(old_root, new_root, *proof):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root and (old_size > 0 or old_root == EMPTY_ROOT)
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    complete = old_size & (old_size - 1) == 0  # then the older root is a node of the newer tree
    path = [old_root, *proof] if complete else list(proof)
    return bool(path) and _roots_along(path, old_size - 1, new_size - 1) == (old_root, new_root)


@dataclass(frozen=True)
class Frontier:
    """The roots of the complete subtrees that a tree is made of, largest first: enough to append leaves to it.

    There is one for each bit that is set in `size`. Raises ValueError for any other number of them.
    """

    size: int = 0
    subtrees: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.subtrees) != self.size.bit_count() or not _all_hashes(*self.subtrees):
            raise ValueError("no tree has this size and these subtrees")

    @classmethod
    def of(cls, hashes: Sequence[bytes]) -> "Frontier":
        """That of the tree over these leaf hashes, in time proportional to their number."""
        subtrees, start, size = [], 0, len(hashes)
        for width in (1 << bit for bit in reversed(range(size.bit_length()))):
            if size & width:
                subtrees.append(root(hashes[start : start + width]))
                start += width
        return cls(size, tuple(subtrees))

    def append(self, leaf: bytes) -> "Frontier":
        """That of the tree with one more leaf hash, in time logarithmic in the size."""
        subtrees, added, size = list(self.subtrees), leaf, self.size
        while size % 2:  # two complete subtrees of one size become one
            added = _node(subtrees.pop(), added)
            size >>= 1
        return Frontier(self.size + 1, (*subtrees, added))

    @property
    def root(self) -> bytes:
        """The root of the tree, in time logarithmic in the size."""
        if not self.subtrees:
            return EMPTY_ROOT
        *larger, found = self.subtrees
        for each in reversed(larger):
            found = _node(each, found)
        return found


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two below `size`: how many leaves stand on the left."""
    return 1 << (size - 1).bit_length() - 1


def _subproof(old_size: int, hashes: Sequence[bytes], *, known: bool) -> tuple[bytes, ...]:
    """SUBPROOF(m, D[n], b); `known` is b: the verifier has the root of the older tree, which this one is."""
    if old_size == len(hashes):
        return () if known else (root(hashes),)
    split = _split(len(hashes))
    left, right = hashes[:split], hashes[split:]
    if old_size <= split:
        return (*_subproof(old_size, left, known=known), root(right))
    return (*_subproof(old_size - split, right, known=False), root(left))


def _roots_along(path: Sequence[bytes], at: int, last: int) -> tuple[bytes, bytes] | None:
    """The older and the newer root that a path leads to; None where it has the wrong length."""
    while at % 2:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for each in path[1:]:
        if last == 0:
            return None
        if at % 2 or at == last:
            old, new = _node(each, old), _node(each, new)
            at, last = _up_to_right_child(at, last)
        else:
            new = _node(new, each)
        at, last = at >> 1, last >> 1
    return (old, new) if last == 0 else None


def _up_to_right_child(at: int, last: int) -> tuple[int, int]:
    """The place of a last node that has no sibling, at the level where it is a right child (or the root)."""
    while at and at % 2 == 0:
        at, last = at >> 1, last >> 1
    return at, last


def _all_hashes(*candidates: bytes) -> bool:
    return all(len(each) == HASH_SIZE for each in candidates)
