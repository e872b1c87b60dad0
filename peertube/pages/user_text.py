"""Text that people wrote, as HTML that can do no harm: Markdown, then a short list of allowed elements."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

MAXIMUM_LENGTH = 20_000

_ELEMENTS = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "code", "pre", "blockquote", "hr", "s"}
_MARKDOWN = MarkdownIt("commonmark", {"breaks": True, "html": False}).enable("strikethrough").disable("image")


def to_html(text: str | None) -> Markup:
    """Markdown to HTML. Links stay, and tell search engines and other sites nothing; pictures and HTML do not."""
    html = _MARKDOWN.render((text or "")[:MAXIMUM_LENGTH])
    clean = nh3.clean(
        html,
        tags=_ELEMENTS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer ugc",
    )
    return Markup(clean)


def to_summary(text: str | None, limit: int = 200) -> str:
    """The start of a text without its markup, for descriptions in the head of a page."""
    plain = nh3.clean(_MARKDOWN.render((text or "")[:MAXIMUM_LENGTH]), tags=set()).split()
    joined = Markup(" ".join(plain)).unescape()
    return joined if len(joined) <= limit else joined[: limit - 1].rstrip() + "…"
