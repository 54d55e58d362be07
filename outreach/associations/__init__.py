"""The tenant: one association, its night's time zone and its choice of rules inside the limits of `privacy.core.policy`."""
