"""Answers a gloved thumb can give: the widgets every room's forms are made of, ordinary controls first, scripts second."""
