"""The field's pages: one phone, one night, one hand. Pages for the round, its counts, its encounters and its close."""
