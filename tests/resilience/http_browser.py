"""A browser reduced to what the service asks of one: pages, forms with tokens, cookies. It goes where Django's client cannot.

It speaks to a published port the way the operator's TLS proxy does: plain HTTP with the host, `X-Forwarded-Proto` and one address
in `X-Forwarded-For`. A form is sent with everything the page had put into it; `submit` changes only what a person would.
"""

import http.client
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

Fields = list[tuple[str, str]]


@dataclass
class Form:
    """`sends`: what goes out when nobody touches it; `offers`: every field and every choice it has."""

    action: str
    sends: Fields = field(default_factory=list)
    offers: Fields = field(default_factory=list)


class Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(at.get("action", "")))
        if not self.found:
            return
        form, name, kind = self.found[-1], at.get("name", ""), at.get("type", "text")
        choice = kind in ("checkbox", "radio")
        if tag == "select":
            self._select = name
        if tag == "option":
            name = self._select
        value = at.get("value", "on" if choice else "")
        if not name or tag not in ("input", "textarea", "select", "option", "button"):
            return
        form.offers.append((name, value))
        untouched = (choice and "checked" not in at) or (tag == "option" and "selected" not in at)
        quiet = untouched or kind in ("submit", "file") or tag in ("select", "button")
        if not quiet:
            form.sends.append((name, value))


@dataclass
class Visitor:
    port: int
    host: str
    address: str = "203.0.113.7"
    path: str = "/"
    status: int = 0
    text: str = ""
    jar: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Fields | None = None) -> "Visitor":
        """One request, and the redirects after it."""
        for _hop in range(6):
            sent = urlencode(body).encode() if body is not None else None
            headers = {
                "Host": self.host,
                "X-Forwarded-Proto": "https",
                "X-Forwarded-For": self.address,
                "Referer": f"https://{self.host}{self.path}",
                "Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items()),
            }
            if sent is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request(method, path, sent, headers)
            answer = connection.getresponse()
            self.status, self.text = answer.status, answer.read().decode()
            for line in answer.headers.get_all("Set-Cookie") or []:
                for name, morsel in SimpleCookie(line).items():
                    self.jar[name] = morsel.value
            connection.close()
            self.path = path
            if self.status not in (301, 302, 303):
                return self
            target = urlsplit(urljoin(f"https://{self.host}{path}", answer.headers["Location"]))
            assert target.hostname == self.host, f"sent to another host from {path}"
            method, path, body = "GET", target.path + (f"?{target.query}" if target.query else ""), None
        raise AssertionError(f"too many redirects at {path}")

    def get(self, path: str) -> "Visitor":
        self.ask("GET", path)
        assert self.status == 200, f"{path}: {self.status}"
        return self

    def submit(self, having: str, **typed: str | list[str]) -> "Visitor":
        """Fill in the form of this page that has a field `having` and send it. Raises AssertionError when there is none."""
        form = self.form(having)
        kept = [(name, value) for name, value in form.sends if name not in typed]
        for name, value in typed.items():
            kept += [(name, one) for one in (value if isinstance(value, list) else [value])]
        return self.ask("POST", urljoin(self.path, form.action), kept)

    def form(self, having: str) -> Form:
        found = Forms(self.text).found
        for form in found:
            if having in dict(form.offers):
                return form
        raise AssertionError(f"{self.path} ({self.status}) has no form with {having}, but {found}")

    def offered(self, name: str) -> list[str]:
        """The values that the page offers for the choice `name`."""
        return [value for one, value in self.form(name).offers if one == name and value]

    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.text, re.DOTALL)
        return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else ""
