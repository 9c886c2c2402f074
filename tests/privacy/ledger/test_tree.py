"""The tree against RFC 6962's recursive definitions, written down here a second time.

The proofs of all trees of up to 40 leaves are tried: a few seconds.
"""

import hashlib
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.ledger.leaves import leaf_hash
from privacy.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    root,
    verify_consistency,
    verify_inclusion,
)

LARGEST = 40
HASHES = [leaf_hash(b"%d" % i) for i in range(LARGEST + 3)]
ROOTS = [root(HASHES[:size]) for size in range(LARGEST + 4)]

# Leaves and roots of the trees over the first 1 to 8 of them, from the tests of the Certificate Transparency log.
PUBLISHED_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
PUBLISHED_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """The largest power of two smaller than size."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH(D[n])."""
    if len(leaves) == 0:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return node(naive_root(leaves[:k]), naive_root(leaves[k:]))


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that PATH(m, D[n]) leads to, from its definition backwards; None for a path of another length."""
    if size == 1 or not proof:
        return leaf if size == 1 and not proof else None
    k = split(size)
    below = included(leaf, index % k if index >= k else index, size - k if index >= k else k, proof[:-1])
    if below is None:
        return None
    return node(proof[-1], below) if index >= k else node(below, proof[-1])


def rebuilt(
    m: int, n: int, proof: Sequence[bytes], old_root: bytes, *, known: bool = True
) -> tuple[bytes, bytes] | None:
    """The roots of D[m] and D[n] that SUBPROOF(m, D[n], b) leads to; None for a proof of another length."""
    if m == n:
        if len(proof) != (0 if known else 1):
            return None
        return (old_root, old_root) if known else (proof[0], proof[0])
    if not proof:
        return None
    k, other = split(n), proof[-1]
    below = rebuilt(m - k if m > k else m, n - k if m > k else k, proof[:-1], old_root, known=known and m <= k)
    if below is None:
        return None
    old, new = below
    return (node(other, old), node(other, new)) if m > k else (old, node(new, other))


def flipped(value: bytes, bit: int = 0) -> bytes:
    return (int.from_bytes(value, "big") ^ (1 << bit)).to_bytes(len(value), "big")


def alterations(proof: tuple[bytes, ...]) -> Iterator[tuple[bytes, ...]]:
    """Proofs of which none is this one."""
    for i, each in enumerate(proof):
        for other in (flipped(each), flipped(each, 255), each[:-1], each + b"\x00", b""):
            yield (*proof[:i], other, *proof[i + 1 :])
        yield (*proof[:i], *proof[i + 1 :])
        yield (*proof[:i], each, *proof[i:])
    yield (*proof, EMPTY_ROOT)
    if len(proof) > 1:
        yield proof[::-1]


def test_the_published_roots() -> None:
    hashes = [leaf_hash(bytes.fromhex(each)) for each in PUBLISHED_LEAVES]
    assert [root(hashes[: size + 1]).hex() for size in range(8)] == PUBLISHED_ROOTS
    assert root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.lists(st.binary(max_size=8), max_size=300))
def test_the_root_is_that_of_the_definition(leaves: list[bytes]) -> None:
    hashes = [leaf_hash(each) for each in leaves]
    assert root(hashes) == naive_root(leaves)


@given(st.lists(st.binary(max_size=8), max_size=100), st.data())
def test_a_frontier_has_the_root_of_its_tree_however_it_was_made(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [leaf_hash(each) for each in leaves]
    start = data.draw(st.integers(0, len(hashes)))
    frontier = Frontier.of(hashes[:start])
    for size in range(start, len(hashes)):
        assert frontier.root == root(hashes[:size])
        frontier = frontier.append(hashes[size])
    assert frontier == Frontier.of(hashes)
    assert (frontier.size, frontier.root) == (len(hashes), root(hashes))


@pytest.mark.parametrize(
    ("size", "subtrees"), [(-1, ()), (0, (EMPTY_ROOT,)), (1, ()), (2, (EMPTY_ROOT,) * 2), (3, (EMPTY_ROOT, b"short"))]
)
def test_no_frontier_has_other_subtrees_than_its_size_says(size: int, subtrees: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="no tree"):
        Frontier(size, subtrees)


def test_every_leaf_is_proved_to_be_in_its_tree_and_nothing_else_is() -> None:
    for size in range(1, LARGEST + 1):
        for index in range(size):
            leaf, tree = HASHES[index], ROOTS[size]
            proof = inclusion_proof(index, HASHES[:size])
            assert verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=tree)
            others = [i for i in range(-1, size + 2) if i != index]
            assert not any(verify_inclusion(leaf=leaf, index=i, size=size, proof=proof, root=tree) for i in others)
            for other in (flipped(leaf), HASHES[index + 1], leaf[:-1], b"", tree):
                if other != leaf:  # the root of a single leaf is its hash
                    assert not verify_inclusion(leaf=other, index=index, size=size, proof=proof, root=tree)
            for altered in alterations(proof):
                assert not verify_inclusion(leaf=leaf, index=index, size=size, proof=altered, root=tree)
            for other in (flipped(tree), tree[:-1], b"", ROOTS[size + 1]):
                assert not verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=other)


def test_of_a_leaf_only_the_size_with_its_own_root_is_proved() -> None:
    # A path alone can run the same way in trees of several sizes: RFC 6962 leaves it to the signed size and root.
    assert verify_inclusion(leaf=HASHES[0], index=0, size=4, proof=inclusion_proof(0, HASHES[:3]), root=ROOTS[3])
    for size in range(1, LARGEST + 1):
        for index in range(size):
            leaf, proof = HASHES[index], inclusion_proof(index, HASHES[:size])
            for other in (other for other in range(LARGEST + 3) if other != size):
                assert not verify_inclusion(leaf=leaf, index=index, size=other, proof=proof, root=ROOTS[other])
                holds = index < other and included(leaf, index, other, proof) == ROOTS[size]
                assert verify_inclusion(leaf=leaf, index=index, size=other, proof=proof, root=ROOTS[size]) is holds


def test_every_tree_is_proved_to_extend_every_smaller_one_and_nothing_else_is() -> None:
    for new in range(LARGEST + 1):
        for old in range(new + 1):
            proof = consistency_proof(old, HASHES[:new])
            assert _consistent(old, ROOTS[old], new, ROOTS[new], proof)
            for altered in alterations(proof):
                assert not _consistent(old, ROOTS[old], new, ROOTS[new], altered)
            for other in (flipped(ROOTS[old]), ROOTS[old][:-1], b"", ROOTS[old + 1]):
                assert not _consistent(old, other, new, ROOTS[new], proof)
            for other in (ROOTS[new][:-1], b""):
                assert not _consistent(old, ROOTS[old], new, other, proof)
            for other in (flipped(ROOTS[new]), ROOTS[new + 1]):
                # the empty tree is the beginning of every other, whatever its root
                assert _consistent(old, ROOTS[old], new, other, proof) is (old == 0 < new)


def test_of_two_trees_only_the_sizes_with_their_own_roots_are_proved() -> None:
    assert consistency_proof(1, HASHES[:3]) == (HASHES[1], HASHES[2])
    assert _consistent(1, ROOTS[1], 4, ROOTS[3], (HASHES[1], HASHES[2]))  # as with a leaf, a path alone is not enough
    for new in range(1, LARGEST + 1):
        for old in range(1, new + 1):
            proof = consistency_proof(old, HASHES[:new])
            for other in (other for other in range(1, LARGEST + 3) if other != old):
                assert not _consistent(other, ROOTS[other], new, ROOTS[new], proof)
                assert _consistent(other, ROOTS[old], new, ROOTS[new], proof) is (
                    other <= new and rebuilt(other, new, proof, ROOTS[old]) == (ROOTS[old], ROOTS[new])
                )
            for other in (other for other in range(1, LARGEST + 3) if other != new):
                assert not _consistent(old, ROOTS[old], other, ROOTS[other], proof)
                assert _consistent(old, ROOTS[old], other, ROOTS[new], proof) is (
                    old <= other and rebuilt(old, other, proof, ROOTS[old]) == (ROOTS[old], ROOTS[new])
                )


def test_a_tree_with_another_leaf_below_the_older_size_is_no_extension() -> None:
    for changed in range(20):
        rewritten = [*HASHES[:changed], flipped(HASHES[changed]), *HASHES[changed + 1 : 20]]
        for old in range(1, 20):
            proof = consistency_proof(old, rewritten)
            assert _consistent(old, ROOTS[old], 20, root(rewritten), proof) is (old <= changed)


def test_no_longer_path_is_followed_though_it_leads_to_the_root() -> None:
    extra = HASHES[-1]
    for size in range(1, 20):
        for taller in (node(extra, ROOTS[size]), node(ROOTS[size], extra)):
            for index in range(size):
                proof = (*inclusion_proof(index, HASHES[:size]), extra)
                assert not verify_inclusion(leaf=HASHES[index], index=index, size=size, proof=proof, root=taller)
            for old in range(1, size + 1):
                proof = (*consistency_proof(old, HASHES[:size]), extra)
                assert not _consistent(old, ROOTS[old], size, taller, proof)
                assert not _consistent(old, node(extra, ROOTS[old]), size, taller, proof)


def test_no_hashes_of_other_lengths_are_joined_to_the_right_bytes() -> None:
    both = HASHES[0] + HASHES[1]
    for cut in (0, 31, 33, 64):
        assert not verify_inclusion(leaf=both[:cut], index=0, size=2, proof=(both[cut:],), root=ROOTS[2])
        assert not verify_inclusion(leaf=both[cut:], index=1, size=2, proof=(both[:cut],), root=ROOTS[2])
        assert not _consistent(1, both[:cut], 2, ROOTS[2], (both[cut:],))


_ANY_HASHES = st.lists(st.sampled_from(HASHES[:4]) | st.binary(max_size=40), max_size=70)
_ANY_HASH = st.sampled_from(HASHES[:4]) | st.binary(max_size=40)
_ANY_SIZE = st.integers(-2, 70) | st.integers(-(2**65), 2**65)


@given(_ANY_HASH, _ANY_SIZE, _ANY_SIZE, _ANY_HASHES, _ANY_HASH, st.booleans())
def test_no_malformed_inclusion_proof_raises(
    leaf: bytes, index: int, size: int, proof: list[bytes], tree: bytes, right: bool
) -> None:
    whole = 0 <= index < size and all(len(each) == 32 for each in (leaf, *proof))
    leads_to = included(leaf, index, size, proof) if whole else None
    if right and leads_to is not None:
        tree = leads_to
    assert verify_inclusion(leaf=leaf, index=index, size=size, proof=proof, root=tree) is (
        leads_to is not None and leads_to == tree
    )


@given(_ANY_SIZE, _ANY_HASH, _ANY_SIZE, _ANY_HASH, _ANY_HASHES)
def test_no_malformed_consistency_proof_raises(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]
) -> None:
    hashes = all(len(each) == 32 for each in (old_root, new_root, *proof))
    if old == 0:
        holds = new >= 0 and not proof and old_root == EMPTY_ROOT and (new > 0 or new_root == EMPTY_ROOT)
    else:
        holds = 0 < old <= new and rebuilt(old, new, proof, old_root) == (old_root, new_root)
    assert _consistent(old, old_root, new, new_root, tuple(proof)) is (hashes and holds)


def test_two_empty_trees_are_the_same_tree() -> None:
    assert _consistent(0, EMPTY_ROOT, 0, EMPTY_ROOT, ())
    assert not _consistent(0, HASHES[0], 0, HASHES[0], ())
    assert not _consistent(0, HASHES[0], 5, ROOTS[5], ())
    assert not _consistent(0, EMPTY_ROOT, 5, ROOTS[5], (HASHES[0],))


def test_nothing_is_proved_of_what_the_tree_does_not_have() -> None:
    for index in (-1, 5, 6):
        with pytest.raises(ValueError, match="a leaf"):
            inclusion_proof(index, HASHES[:5])
    for old in (-1, 6):
        with pytest.raises(ValueError, match="an older tree"):
            consistency_proof(old, HASHES[:5])


def _consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: tuple[bytes, ...]) -> bool:
    return verify_consistency(old_size=old, old_root=old_root, new_size=new, new_root=new_root, proof=proof)
