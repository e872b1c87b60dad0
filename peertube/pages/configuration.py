"""Settings that the administrator changes while the server runs: the form, the review before saving, taking back."""

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import evolve, frozen

from peertube.config.held import held
from peertube.config.schema import Settings
from peertube.errors import Invalid
from peertube.model.users import Right, Viewer
from peertube.pages.configuration_fields import Field, Group, Tree, groups, tree, typed
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import Words

Typed = Mapping[str, str | tuple[str, ...]]


class Configured(Protocol):
    """What holds, and how it is changed."""

    @property
    def settings(self) -> Settings:
        """What holds now."""
        ...

    @property
    def from_files(self) -> Settings:
        """What the files and the environment say."""
        ...

    @property
    def changeable(self) -> Mapping[str, frozenset[str]]:
        """What may change at run time: keys by section."""
        ...

    async def check(self, changes: Tree) -> None:
        """`Invalid` with every wrong value."""
        ...

    async def change(self, viewer: Viewer, changes: Tree) -> None:
        """Change some settings."""
        ...

    async def reset(self, viewer: Viewer) -> None:
        """Take every change back."""
        ...


@frozen
class ConfigurationPages:
    """`/admin/configuration`."""

    configuration: Configured

    def routes(self) -> list[PageRoute]:
        """Each page."""
        right = Right.MANAGE_CONFIGURATION
        return [
            PageRoute("GET", "/admin/configuration", right, self.form),
            PageRoute("POST", "/admin/configuration", right, self.review),
            PageRoute("POST", "/admin/configuration/save", right, self.save),
            PageRoute("GET", "/admin/configuration/reset", right, self.ask_reset),
            PageRoute("POST", "/admin/configuration/reset", right, self.reset),
        ]

    async def form(self, visit: Visit) -> Shown:
        """Every setting with what holds, what the file says and whether it was changed here."""
        return self._form(visit, self._groups(visit), visit.asked("search")[:100])

    async def review(self, visit: Visit) -> Shown:
        """What would change, to be looked at before it does."""
        fields = self._fields(visit)
        values = typed(visit, fields)
        changes = tree(fields, values)
        wrong = await self._wrong(visit, changes)
        if wrong:
            return self._with_typed(visit, values, wrong)
        changed = [
            (field, evolve(field, value=values[field.name]))
            for field in fields
            if values.get(field.name, field.value) != field.value
        ]
        return Shown("configuration_review.html", {"changed": changed}, section="configuration")

    async def save(self, visit: Visit) -> Shown | Redirect:
        """Let it hold, in every process at once."""
        fields = self._fields(visit)
        values = typed(visit, fields)
        try:
            await self.configuration.change(visit.user(), tree(fields, values))
        except Invalid as error:
            return self._with_typed(visit, values, error.fields)
        return Redirect("/admin/configuration", done="configuration-saved")

    async def ask_reset(self, visit: Visit) -> Shown:
        """Ask whether everything shall be as in the file."""
        context = {
            "title": visit.gettext("Take all changes back?"),
            "text": visit.gettext("What the configuration file says holds again, at once."),
            "action": "/admin/configuration/reset",
            "yes": visit.gettext("Take all changes back"),
            "back": "/admin/configuration",
        }
        return Shown("confirm.html", context, section="configuration")

    async def reset(self, visit: Visit) -> Redirect:
        """Let the file hold again."""
        await self.configuration.reset(visit.user())
        return Redirect("/admin/configuration", done="configuration-reset")

    def _groups(self, visit: Visit) -> list[Group]:
        known = self.configuration
        return groups(visit, known.changeable, known.settings, known.from_files)

    def _fields(self, visit: Visit) -> list[Field]:
        return [field for group in self._groups(visit) for field in group.fields]

    async def _wrong(self, visit: Visit, changes: Tree) -> Mapping[str, str]:
        try:
            await self.configuration.check(changes)
        except Invalid as error:
            return error.fields
        return {}

    def _with_typed(self, visit: Visit, values: Typed, wrong: Mapping[str, str]) -> Shown:
        """The form again, with what was typed and what is wrong with it."""
        kept = [
            evolve(
                group,
                fields=tuple(evolve(field, value=values[field.name]) for field in group.fields if field.name in values),
            )
            for group in self._groups(visit)
        ]
        return self._form(visit, kept, "", errors=Words(visit.texts).faults(wrong), status=400)

    def _form(
        self,
        visit: Visit,
        found: list[Group],
        search: str,
        *,
        errors: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> Shown:
        kept = [evolve(group, fields=tuple(field for field in group.fields if field.fits(search))) for group in found]
        current, default = self.configuration.from_files, Settings()
        changeable = {f"{section}.{key}" for section, keys in self.configuration.changeable.items() for key in keys}
        fixed = [
            each
            for each in held(current, default)
            if each.key.name not in changeable and search.casefold() in each.key.name.casefold()
        ]
        context: dict[str, Any] = {
            "groups": [group for group in kept if group.fields],
            "fixed": fixed,
            "search": search,
            "errors": errors or {},
            "any_changed": any(field.changed for group in found for field in group.fields),
        }
        return Shown("configuration.html", context, status=status, section="configuration")
