"""The service's routes with the demonstration's switch among them, which a test run does not install."""

from django.urls import URLPattern, URLResolver, include, path

from config import urls

urlpatterns: list[URLPattern | URLResolver] = list(urls.urlpatterns)
if not any(str(one.pattern) == "demo/" for one in urlpatterns):
    urlpatterns.append(path("demo/", include("demo.urls")))
