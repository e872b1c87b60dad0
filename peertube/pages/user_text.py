"""Text that people wrote, as HTML that can do no harm: Markdown, then a short list of allowed elements."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

MAXIMUM_LENGTH = 20_000
MAXIMUM_PAGE = 100_000

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


def to_page(text: str) -> Markup:
    """A text of the admin's own: as `to_html`, with headings that fit below the heading of a page."""
    tokens = _MARKDOWN.parse(text[:MAXIMUM_PAGE])
    levels = sorted({token.tag for token in tokens if token.type == "heading_open"})
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(2 + levels.index(token.tag), 6)}"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(
        html,
        tags=_ELEMENTS | {"h2", "h3", "h4", "h5", "h6"},
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return Markup(clean)


def to_summary(text: str | None, limit: int = 200) -> str:
    """The start of a text without its markup, for descriptions in the head of a page."""
    plain = nh3.clean(_MARKDOWN.render((text or "")[:MAXIMUM_LENGTH]), tags=set()).split()
    joined = Markup(" ".join(plain)).unescape()
    return joined if len(joined) <= limit else joined[: limit - 1].rstrip() + "…"
