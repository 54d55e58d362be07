"""The tree against published vectors and against the definition of RFC 9162 §2.1.1 written down naively.

Origin of the vectors: the eight leaves and nine roots of the Certificate Transparency reference
implementation (RFC 6962; the same construction in RFC 9162), as in google/certificate-transparency
`cpp/merkletree/merkle_tree_test.cc` and transparency-dev/merkle `testonly/constants.go`. They are data, not
code. The empty root and the root of one empty leaf can be checked by hand.
"""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.core.tree import EMPTY_ROOT, Tree, leaf_hash, node_hash, root, roots_at

CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(entries: list[bytes]) -> bytes:
    """The recursive definition: split at the largest power of two smaller than n."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return sha256(b"\x01" + naive_root(entries[:split]) + naive_root(entries[split:])).digest()


def hashes(n: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(n)]


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    assert root(map(leaf_hash, CT_LEAVES[:size])).hex() == CT_ROOTS[size]


def test_two_anchors_that_can_be_checked_by_hand() -> None:
    assert EMPTY_ROOT == sha256(b"").digest() == Tree().root()
    assert leaf_hash(b"") == sha256(b"\x00").digest()


def test_leaf_and_node_live_in_different_worlds() -> None:
    left, right = hashes(2)
    assert node_hash(left, right) == sha256(b"\x01" + left + right).digest()
    assert node_hash(left, right) != leaf_hash(left + right)


@given(st.lists(st.binary(max_size=40), max_size=600))
def test_equals_the_recursive_definition(entries: list[bytes]) -> None:
    assert root(map(leaf_hash, entries)) == naive_root(entries)


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 513, 768, 1023, 1024, 1025, 2000])
def test_runs_meet_at_their_seams(size: int) -> None:
    leaves = hashes(size)
    one_by_one = Tree()
    for leaf in leaves:
        one_by_one.append(leaf)
    assert (
        one_by_one.root() == root(leaves) == naive_root([number.to_bytes(4, "big") for number in range(size)])
    )
    assert one_by_one.size == size


@given(st.lists(st.integers(0, 700), max_size=6))
def test_how_the_leaves_arrive_does_not_matter(portions: list[int]) -> None:
    leaves = hashes(sum(portions))
    tree, start = Tree(), 0
    for portion in portions:
        tree.extend(iter(leaves[start : start + portion]))
        start += portion
        assert tree.root() == root(leaves[:start])
    assert tree.size == len(leaves)


def test_asking_for_the_root_does_not_end_the_tree() -> None:
    tree = Tree()
    for size, leaf in enumerate(map(leaf_hash, CT_LEAVES), start=1):
        tree.append(leaf)
        assert tree.root().hex() == CT_ROOTS[size]


@given(st.integers(0, 900), st.sets(st.integers(0, 1000), max_size=8))
def test_prefix_roots_in_one_pass(size: int, sizes: set[int]) -> None:
    leaves = hashes(size)
    found = roots_at(iter(leaves), sizes)
    assert found == {wanted: root(leaves[:wanted]) for wanted in sizes if wanted <= size}


def test_a_size_that_was_never_reached_is_missing_and_a_negative_one_refused() -> None:
    assert roots_at(hashes(3), [4]) == {}
    assert roots_at([], [0]) == {0: EMPTY_ROOT}
    with pytest.raises(ValueError):
        roots_at(hashes(3), [-1])


@pytest.mark.parametrize("wrong", [b"", b"x" * 31, b"x" * 33])
def test_data_cannot_pass_for_its_hash(wrong: bytes) -> None:
    with pytest.raises(ValueError):
        Tree().append(wrong)
    with pytest.raises(ValueError):
        Tree().extend([*hashes(255), wrong])
    with pytest.raises(ValueError):
        Tree().extend([wrong])


@given(st.integers(1, 300), st.data())
def test_any_change_of_a_leaf_or_of_the_order_changes_the_root(size: int, data: st.DataObject) -> None:
    leaves = hashes(size)
    place = data.draw(st.integers(0, size - 1))
    edited = [*leaves]
    edited[place] = leaf_hash(b"something else")
    assert root(edited) != root(leaves)
    assert root(leaves[:place] + leaves[place + 1 :]) != root(leaves)
    other = data.draw(st.integers(0, size - 1))
    swapped = [*leaves]
    swapped[place], swapped[other] = swapped[other], swapped[place]
    assert (root(swapped) == root(leaves)) == (place == other)
