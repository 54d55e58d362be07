"""Merkle tree of RFC 9162 §2.1 over SHA-256: one 32-byte root commits to every leaf and to their order.

Rule of the module: pure, iterative, no recursion and no list of leaves. `Tree` keeps only the peaks on the
right-hand side (one hash per set bit of its size), so a log of a million entries is re-hashed in constant
memory. Consistency between two sizes is shown by computing the root of the prefix again (`roots_at`), not by
a proof: whoever verifies here holds the whole list of leaf hashes.
"""

from collections.abc import Iterable
from hashlib import sha256
from itertools import islice

HASH_SIZE = 32
"""Length of every leaf hash, node hash and root, in bytes."""

EMPTY_ROOT = sha256(b"").digest()
"""Root of a tree without leaves (RFC 9162 §2.1.1)."""

# Copied for each hash: OpenSSL 3 looks its algorithm up for every new one, which costs more than hashing 64 bytes.
_LEAF = sha256(b"\x00")
_NODE = sha256(b"\x01")
_RUN_HEIGHT = 8
_RUN = 1 << _RUN_HEIGHT


def leaf_hash(data: bytes) -> bytes:
    """Hash of one leaf. The prefix 0x00 keeps a leaf from passing for a node (second preimages, RFC 9162 §2.1.1)."""
    hashed = _LEAF.copy()
    hashed.update(data)
    return hashed.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node; `left` and `right` are 32-byte hashes."""
    hashed = _NODE.copy()
    hashed.update(left + right)
    return hashed.digest()


class Tree:
    """A growing tree that remembers its size and its peaks, never its leaves."""

    __slots__ = ("_peaks", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._peaks: list[bytes] = []

    @property
    def size(self) -> int:
        """Number of leaves, 0 or more."""
        return self._size

    def append(self, leaf: bytes) -> None:
        """Add one leaf *hash*. Raises ValueError for anything but 32 bytes (data passed for its hash)."""
        if len(leaf) != HASH_SIZE:
            raise ValueError("a leaf hash has 32 bytes")
        self._push(leaf, 0)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add many leaf hashes. Aligned runs are folded level by level: no Python frame per node."""
        source = iter(leaves)
        for leaf in islice(source, -self._size % _RUN):
            self.append(leaf)
        while run := list(islice(source, _RUN)):
            if len(run) < _RUN:
                for leaf in run:
                    self.append(leaf)
                return
            if any(len(leaf) != HASH_SIZE for leaf in run):
                raise ValueError("a leaf hash has 32 bytes")
            while len(run) > 1:
                run = list(map(node_hash, run[::2], run[1::2]))
            self._push(run[0], _RUN_HEIGHT)

    def _push(self, node: bytes, height: int) -> None:
        """Add a complete subtree of 2**height leaves; the size must be a multiple of that."""
        carry = self._size >> height
        while carry & 1:
            node = node_hash(self._peaks.pop(), node)
            carry >>= 1
        self._peaks.append(node)
        self._size += 1 << height

    def root(self) -> bytes:
        """Root of everything added so far; the tree can go on growing afterwards."""
        if not self._peaks:
            return EMPTY_ROOT
        node = self._peaks[-1]
        for peak in self._peaks[-2::-1]:
            node = node_hash(peak, node)
        return node


def root(leaves: Iterable[bytes]) -> bytes:
    """Root over leaf *hashes* in order (`root(map(leaf_hash, entries))` for data)."""
    tree = Tree()
    tree.extend(leaves)
    return tree.root()


def roots_at(leaves: Iterable[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """Roots of the prefixes of the given sizes, in one pass over the leaf hashes.

    A size larger than the number of leaves is missing from the answer: the list was cut, or never was that
    long. Raises ValueError for a negative size.
    """
    wanted = sorted(set(sizes))
    if wanted and wanted[0] < 0:
        raise ValueError("a tree has no negative size")
    tree, source, found = Tree(), iter(leaves), {}
    for size in wanted:
        tree.extend(islice(source, size - tree.size))
        if tree.size < size:
            break
        found[size] = tree.root()
    return found
