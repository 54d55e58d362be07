"""Composition: settings, logs, health, and the scripts that make it all run."""
