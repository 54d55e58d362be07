"""The one page of the demonstration. Included only where the settings say DEMO."""

from django.urls import path

from demo.views import switch

app_name = "demo"
urlpatterns = [path("", switch, name="switch")]
