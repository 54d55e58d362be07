"""Answers a gloved thumb can give: the widgets all forms are made of, ordinary controls first, scripts second."""
