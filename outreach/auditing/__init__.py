"""The auditor's pages: what was due to disappear and did, in bands, read through a database role that sees nothing else."""
