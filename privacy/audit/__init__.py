"""The audit log: who did what kind of thing, on which day, provable by somebody who trusts neither us nor our database.

Rule of the package: the service only ever inserts into `pending` (`services.record`); once a day `sealing`
shuffles the finished days, appends them to a Merkle tree and signs a checkpoint. Day grain, opaque
associations, pseudonymous actors, a closed vocabulary: the log must not become the file on workers or on
people that the rest of the service refuses to be.
"""
