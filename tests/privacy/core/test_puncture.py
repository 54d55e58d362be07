"""A tree that forgets single ids: everybody else keeps the secret that was theirs."""

import hashlib
from uuid import UUID, uuid4

import pytest

from privacy.core.errors import Unreadable
from privacy.core.puncture import DEPTH, Tree

ROOT = bytes(range(32))


def test_each_id_has_a_secret_of_its_own_and_always_the_same() -> None:
    tree, ids = Tree.from_bytes(ROOT), [uuid4() for _ in range(50)]
    secrets = {id_: tree.secret(id_) for id_ in ids}
    assert len(set(secrets.values())) == 50
    assert all(len(secret) == 32 for secret in secrets.values())
    assert secrets == {id_: Tree.from_bytes(ROOT).secret(id_) for id_ in ids}


def test_a_leaf_is_what_the_construction_says() -> None:
    id_ = UUID(int=7)
    bits = int.from_bytes(hashlib.sha256(id_.bytes).digest()[:8], "big")
    key = ROOT
    for bit in f"{bits:064b}":
        key = hashlib.blake2s(bytes([int(bit)]), key=key).digest()
    assert Tree.from_bytes(ROOT).secret(id_) == key


def test_what_is_forgotten_cannot_be_computed_and_nothing_else_changes() -> None:
    ids = [uuid4() for _ in range(40)]
    whole = Tree.from_bytes(ROOT)
    secrets = {id_: whole.secret(id_) for id_ in ids}
    tree = whole
    for number, id_ in enumerate(ids[:20], 1):
        tree = Tree.from_bytes(tree.without([id_]).to_bytes())
        for gone in ids[:number]:
            with pytest.raises(Unreadable):
                tree.secret(gone)
        assert {one: tree.secret(one) for one in ids[number:]} == {one: secrets[one] for one in ids[number:]}
    assert tree.to_bytes() == whole.without(ids[:20]).to_bytes()
    # No key on the way from the root to a forgotten leaf is left, so nothing computes it.
    for gone in ids[:20]:
        leaf = int.from_bytes(hashlib.sha256(gone.bytes).digest()[:8], "big")
        key, way = ROOT, {ROOT}
        for bit in range(DEPTH - 1, -1, -1):
            key = hashlib.blake2s(bytes([leaf >> bit & 1]), key=key).digest()
            way.add(key)
        assert not way & set(tree.nodes.values())


def test_forgetting_twice_changes_nothing_and_rubbish_is_no_tree() -> None:
    tree = Tree.from_bytes(ROOT).without([UUID(int=1)])
    assert tree.without([UUID(int=1)]).to_bytes() == tree.to_bytes()
    assert tree.to_bytes() != ROOT
    for rubbish in (b"", b"x", ROOT + b"x"):
        with pytest.raises(Unreadable):
            Tree.from_bytes(rubbish).secret(UUID(int=1))
