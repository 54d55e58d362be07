"""A secret that gives every id a secret of its own, and can forget one of them without touching the others.

A binary tree of keys (Goldreich, Goldwasser and Micali 1986; as a *puncturable* PRF Boneh and Waters 2013, used for sessions that
forget by Aviram, Gellert and Jager 2019). The root is 32 random bytes; child `b` of a node is BLAKE2s of the byte b, keyed with
the node (RFC 7693, a PRF; a quarter of the time of HMAC-SHA256). The secret of an id is the leaf at the first 64 bits of SHA-256
of the id. To forget an id, the nodes on its path are replaced by their siblings: 64 more keys of 32 bytes, from which that one
leaf cannot be computed and every other still can.

Two ids meet in one leaf with a chance of 2^-64 a pair; then forgetting one would forget the other.
"""

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from privacy.core.errors import Unreadable

KEY: Final = 32
"""Bytes of a node and of what it gives."""
DEPTH: Final = 64
"""Bits of the way from the root to a leaf."""
_LAYOUT: Final = struct.Struct(f">BQ{KEY}s")
"""A node in `to_bytes`: its depth, the beginning of its path, its key."""

_Place = tuple[int, int]


@dataclass(frozen=True, slots=True, repr=False)
class Tree:
    """Nodes by (depth, beginning of the path as a number): one, the root, until something is forgotten."""

    nodes: dict[_Place, bytes]

    @classmethod
    def from_bytes(cls, text: bytes) -> "Tree":
        """32 bytes are a root that has forgotten nothing. Raises Unreadable for what is no tree."""
        if len(text) == KEY:
            return cls({(0, 0): text})
        if len(text) % _LAYOUT.size:
            raise Unreadable
        # Read for every draft held: somebody who erased hundreds makes it thousands of nodes.
        return cls({(depth, path): key for depth, path, key in _LAYOUT.iter_unpack(text)})

    def to_bytes(self) -> bytes:
        if len(self.nodes) == 1 and (0, 0) in self.nodes:
            return self.nodes[(0, 0)]
        return b"".join(_LAYOUT.pack(depth, path, key) for (depth, path), key in sorted(self.nodes.items()))

    def secret(self, id_: UUID) -> bytes:
        """32 bytes for this id alone. Raises Unreadable when it was forgotten."""
        leaf = _leaf(id_)
        place = self._above(leaf)
        key = self.nodes[place]
        for bit in range(DEPTH - place[0] - 1, -1, -1):
            key = _child(key, leaf >> bit & 1)
        return key

    def without(self, ids: Iterable[UUID]) -> "Tree":
        """A tree that has forgotten these ids too. One that was forgotten already changes nothing."""
        nodes = dict(self.nodes)
        for id_ in ids:
            leaf = _leaf(id_)
            try:
                depth, path = Tree(nodes)._above(leaf)
            except Unreadable:
                continue
            key = nodes.pop((depth, path))
            for bit in range(DEPTH - depth - 1, -1, -1):
                depth, side = depth + 1, leaf >> bit & 1
                nodes[(depth, path << 1 | (side ^ 1))] = _child(key, side ^ 1)
                key, path = _child(key, side), path << 1 | side
        return Tree(nodes)

    def _above(self, leaf: int) -> _Place:
        for depth in range(DEPTH + 1):
            place = (depth, leaf >> (DEPTH - depth))
            if place in self.nodes:
                return place
        raise Unreadable


def _leaf(id_: UUID) -> int:
    return int.from_bytes(hashlib.sha256(id_.bytes).digest()[: DEPTH // 8], "big")


def _child(key: bytes, side: int) -> bytes:
    return hashlib.blake2s(b"\x01" if side else b"\x00", key=key).digest()
