"""Pages of people: where one lands, as whom one looks, invitations, and what an administrator sees of the members."""
