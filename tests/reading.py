"""Sentences as they are typed: French typography stands in the catalogue, tests write the space of the keyboard."""


def typed(text: str) -> str:
    """The text with ordinary spaces where a page or a command has no-break ones."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")
