"""Composition: settings, routes, processes. This room holds no rule of its own."""
