"""Records from another tool's file: consent first, the rest only counted, never twice, and resumed where it stopped.

Rule of the package: an imported line goes the way of a phone's draft (`outreach.closing.intake`); there is no second way in.
"""
