"""Addresses of the help: a list, and one guide by the name of its file."""

from django.urls import path

from outreach.help import views

namespaces = {"help": [path("", views.index, name="index"), path("<slug:guide>/", views.guide, name="guide")]}
