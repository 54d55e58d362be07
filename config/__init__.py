"""Composition: settings, routes, processes. This package holds no rule of its own."""
