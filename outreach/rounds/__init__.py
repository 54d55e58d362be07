"""One team, one night: planned, started, cancelled, planned again."""
