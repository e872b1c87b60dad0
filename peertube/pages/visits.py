"""One visit of a person to a page: what the browser said, and the three kinds of answer a page can give."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from attrs import define, field, frozen
from pydantic import BaseModel

from peertube.errors import PodError
from peertube.http.parameters import from_pairs
from peertube.http.routing import Access
from peertube.http.sinks import ReceivedForm
from peertube.model.users import Right, Viewer
from peertube.pages.languages import Texts

Model = TypeVar("Model", bound=BaseModel)

Pairs = Sequence[tuple[str, str]]

THEMES = ("auto", "light", "dark")


@frozen
class Shown:
    """A page to render.

    :param wide_policy: for pages that play videos of other servers.
    :param framed: for pages that other sites show in a frame.
    """

    template: str
    context: Mapping[str, object] = {}
    status: int = 200
    section: str = ""
    wide_policy: bool = False
    framed: bool = False
    headers: Mapping[str, str] = {}


@frozen
class Redirect:
    """See another page (303); `done` names the success that page shows (`peertube.pages.done`)."""

    location: str
    done: str | None = None
    cookies: tuple["Cookie", ...] = ()
    status: int = 303


@frozen
class Answer:
    """Bytes for a script or a browser, as they are."""

    body: bytes
    content_type: str
    headers: Mapping[str, str] = {}
    status: int = 200


@frozen
class Cookie:
    """A cookie to set; an empty `value` removes it. Always HttpOnly, SameSite=Lax and for the whole site."""

    name: str
    value: str
    max_age_seconds: int | None = None


@define
class Visit:
    """What one request to a page brings along.

    :param viewer: who is signed in here, if anyone.
    :param session: the value of the session cookie, empty without one.
    :param path: the address with its query, starting with a slash.
    :param form: the fields of the posted form; empty for GET.
    :param remembered: choices kept in cookies, by the name of the cookie.
    """

    viewer: Viewer | None
    session: str
    address: str
    user_agent: str
    path: str
    texts: Texts
    theme: str
    now_ms: int
    csrf: Callable[[], str]
    query: Pairs = ()
    form: Pairs = ()
    remembered: Mapping[str, str] = {}
    cookies: list[Cookie] = field(factory=list)

    def gettext(self, message: str, /, **variables: object) -> str:
        """`message` in the visitor's language."""
        return self.texts.gettext(message, **variables)

    def asked(self, name: str, default: str = "") -> str:
        """The first value of a query parameter, without blanks around it."""
        return _first(self.query, name, default)

    def asked_number(self, name: str, default: int | None = None) -> int | None:
        """A query parameter that is a whole number of at most nine digits, or `default`."""
        text = self.asked(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default

    def given(self, name: str, default: str = "") -> str:
        """The first value of a form field, without blanks around it."""
        return _first(self.form, name, default)

    def filled(self, model: type[Model]) -> Model:
        """The form as a model. Empty fields count as not given; `Invalid` names the wrong ones."""
        return from_pairs(model, [(name, value) for name, value in self.form if value != ""])

    def user(self) -> Viewer:
        """Who is signed in, on pages that only signed-in people reach."""
        if self.viewer is None:
            raise RuntimeError("a page that needs a login was entered without one")
        return self.viewer

    def may(self, right: Right) -> bool:
        """Whether the visitor has a right."""
        return self.viewer is not None and self.viewer.user.has(right)


@frozen
class PageRoute:
    """One page. `handler` is called with the visit and the parts of the path.

    A page whose `access` is not met by a visitor who is not signed in leads to the login page.
    """

    method: str
    template: str
    access: Access | Right
    handler: Callable[..., Awaitable[Shown | Redirect | Answer]]


@frozen
class PageSink:
    """A form with files, taken while it comes in. Only for people who are signed in.

    :param check: gets the visit and the length of the body (None when unknown); how long it may be.
    :param check_filename: refuses a file by its name, before it comes.
    :param handler: gets the visit (with the form's text fields) and everything that was received.
    :param refused: the page for what was refused before it was read; the visit has the text fields that came.
    """

    path: str
    check: Callable[[Visit, int | None], Awaitable[int]]
    handler: Callable[[Visit, ReceivedForm], Awaitable[Shown | Redirect]]
    check_filename: Callable[[str], object]
    refused: Callable[[Visit, PodError], Awaitable[Shown]]
    file_fields: frozenset[str]


def with_query(path: str, **parameters: object) -> str:
    """The address of `path` with those parameters that are neither None nor empty."""
    kept = [(name, value) for name, value in parameters.items() if value not in (None, "", (), [])]
    return path + ("?" + urlencode(kept, doseq=True) if kept else "")


def local_path(text: str, default: str = "/") -> str:
    """`text` when it is an address on this very site, otherwise `default`: no redirect leads elsewhere."""
    if not text.startswith("/") or text.startswith(("//", "/\\")) or len(text) > 2000:
        return default
    if any(character <= " " or character == "\\" for character in text):
        return default
    parts = urlsplit(text)
    return default if parts.scheme or parts.netloc else text


def _first(pairs: Pairs, name: str, default: str) -> str:
    return next((value.strip() for key, value in pairs if key == name), default)


Context = dict[str, Any]
