"""What is kept of an encounter, with consent: received, sealed, opened with a reason, taken back.

    encounter (what a draft says) -> receiving (the one way in) -> sealing (the blobs) -> reading (the one way out)

Rule of the room: no column says where, who, what or when within the night; see `models`.
"""
