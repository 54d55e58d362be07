"""What is kept of an encounter, with consent, and what a phone counted: sealed rows, and the one way to read them.

    encounter (what a draft says) -> sealing (the blobs) -> reading (the one way out); `outreach.closing` is the way in

Rule of the package: no column says where, who, what or when within the night; see `models`.
"""
