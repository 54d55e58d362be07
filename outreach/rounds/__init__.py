"""One team, one night: planned, started, closed; the counts of its phones, and the words it leaves to the next team."""
