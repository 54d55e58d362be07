"""A PostGIS connection that tells PostgreSQL, at the start of each transaction, on whose behalf it
reads (see privacy.db.scope).
"""
