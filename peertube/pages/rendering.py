"""Templates to HTML. Everything is escaped unless it is `Markup`; texts come from the visitor's language."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from peertube.model.users import Right
from peertube.model.videos import Privacy, VideoState
from peertube.pages.assets import Assets
from peertube.pages.done import text as text_of_done
from peertube.pages.formats import Formats
from peertube.pages.languages import Languages
from peertube.pages.links import Links
from peertube.pages.user_text import to_html, to_page, to_summary
from peertube.pages.visits import THEMES, Visit, with_query
from peertube.pages.words import Words
from peertube.policy.sensitivity import Treatment, preference_of
from peertube.usecases.ports import InForce


def environment() -> Environment:
    """Jinja2 as all pages use it; also what the extraction of texts uses."""
    templates = Environment(
        loader=PackageLoader("peertube.pages"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.newstyle_gettext = True  # type: ignore[attr-defined]  # declared by the i18n extension at run time
    return templates


@frozen
class Rendering:
    """Renders a template for a visit.

    :param settings: holds what the server calls itself.
    """

    templates: Environment
    assets: Assets
    languages: Languages
    links: Links
    settings: InForce

    def page(self, template: str, visit: Visit, section: str, done_code: str | None, context: Mapping[str, Any]) -> str:
        """The HTML of a page.

        :param section: which entry of the navigation is the current one.
        :param done_code: what to tell was done.
        """
        texts = visit.texts
        sensitive = preference_of(visit.viewer, self.settings.instance.default_nsfw_policy)
        return self.templates.get_template(template).render(
            {
                "_": escaped(texts.gettext),
                "gettext": escaped(texts.gettext),
                "ngettext": escaped(texts.ngettext),
                "texts": texts,
                "languages": self.languages.texts,
                "themes": THEMES,
                "fmt": Formats(texts, visit.now_ms),
                "words": Words(texts),
                "assets": self.assets,
                "links": self.links,
                "treatment_of": lambda video: sensitive.treatment(video.fields),
                "Treatment": Treatment,
                "visit": visit,
                "viewer": visit.viewer,
                "section": section,
                "done": text_of_done(texts, done_code),
                "instance_name": self.settings.instance.name,
                "instance_description": self.settings.instance.short_description,
                "Right": Right,
                "Privacy": Privacy,
                "VideoState": VideoState,
                "with_query": with_query,
                "user_html": to_html,
                "page_html": to_page,
                "summary": to_summary,
                **context,
            }
        )


def escaped(translate: Callable[..., str]) -> Callable[..., Markup]:
    """A gettext function whose variables are escaped and whose text is not."""

    def translated(*arguments: Any, **variables: Any) -> Markup:
        safe = {name: value if isinstance(value, int | float) else _escape(value) for name, value in variables.items()}
        return Markup(translate(*arguments, **safe))

    return translated


def _escape(value: object) -> str:
    return str(Markup.escape(value))
