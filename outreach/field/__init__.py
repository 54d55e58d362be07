"""The field's room: one phone, one night, one hand. Pages for the round, its counts, its encounters and its close."""
