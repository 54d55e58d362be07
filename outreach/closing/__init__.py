"""Closing a round: drafts are opened, counts stored, and what is left over retried, withdrawn or frozen."""
