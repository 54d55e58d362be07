"""The office: plans, gaps and monthly totals. It reads rounds and counts of rounds, and opens nothing that is sealed."""
