"""The fields of the configuration form, made from the schema of the configuration: kind, value, words."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args, get_origin

from attrs import frozen
from pydantic import BeforeValidator
from pydantic.fields import FieldInfo

from peertube.config import units
from peertube.config.held import value_of
from peertube.config.schema import Settings
from peertube.pages.visits import Visit
from peertube.pages.words import N_, Words

Kind = Literal["words", "text", "number", "size", "quota", "check", "choice", "boxes", "list"]
Tree = dict[str, dict[str, Any]]

_SECTIONS = {
    "instance": N_("About this server"),
    "admin": N_("Who runs it"),
    "contact_form": N_("Contact"),
    "signup": N_("Sign up"),
    "user": N_("New users"),
    "upload": N_("Uploads"),
}
_LABELS = {
    "instance.name": N_("Name of this server"),
    "instance.short_description": N_("What it is, in a sentence"),
    "instance.description": N_("What it is about"),
    "instance.terms": N_("Rules"),
    "instance.is_nsfw": N_("This server is mostly for sensitive videos"),
    "instance.default_nsfw_policy": N_("Sensitive videos, for visitors"),
    "instance.languages": N_("Main languages"),
    "instance.categories": N_("Main categories"),
    "admin.email": N_("E-mail of the administrator"),
    "contact_form.enabled": N_("Visitors may write to the administrator"),
    "signup.enabled": N_("Anybody may sign up"),
    "signup.limit": N_("Most users"),
    "signup.minimum_age": N_("Minimum age"),
    "signup.requires_approval": N_("Somebody approves every request"),
    "signup.requires_email_verification": N_("The e-mail address has to be confirmed"),
    "user.video_quota": N_("Quota of a new user"),
    "user.video_quota_daily": N_("Quota of a new user for a day"),
    "upload.max_file_size": N_("Largest file"),
}
_HINTS = {
    "instance.description": N_("Markdown; shown on the page about this server."),
    "instance.terms": N_("Markdown; shown on the page about this server."),
    "instance.languages": N_("Codes with commas between them, such as en, de."),
    "contact_form.enabled": N_("Needs a mail server in the configuration file."),
    "signup.limit": N_("-1 for any number."),
    "signup.requires_email_verification": N_("Needs a mail server in the configuration file."),
    "admin.email": N_("Other servers and visitors see it."),
}
_KIND_HINTS = {
    "size": N_("With its unit, such as 500 MB or 10 GB."),
    "quota": N_("With its unit, such as 500 MB or 10 GB; empty for no limit."),
    "list": N_("With commas between the entries."),
}
_OPTIONS = {
    "do_not_list": N_("Not in lists"),
    "blur": N_("Blurred, until they are wanted"),
    "display": N_("Like all others"),
}
_LONG = frozenset({"instance.description", "instance.terms"})
_UNITS = ((2**40, "TB"), (2**30, "GB"), (2**20, "MB"), (2**10, "KB"))


@frozen
class Field:
    """One setting of the form.

    :param name: its key, e.g. ``instance.name``; also the name of the form field.
    :param value: as the form shows it; for boxes the chosen options.
    :param default: what holds where nothing is changed, as the form shows it.
    """

    name: str
    kind: Kind
    label: str
    hint: str
    value: str | tuple[str, ...]
    default: str | tuple[str, ...]
    options: Mapping[str, str]

    @property
    def changed(self) -> bool:
        """Whether it differs from what the configuration file says."""
        return self.value != self.default

    def fits(self, text: str) -> bool:
        """Whether a search for `text` finds it."""
        return text.casefold() in f"{self.name} {self.label} {self.hint}".casefold()

    def shown(self, value: str | tuple[str, ...]) -> str:
        """A value as a person reads it."""
        if isinstance(value, tuple):
            return ", ".join(self.options.get(one, one) for one in value)
        return self.options.get(value, value)


@frozen
class Group:
    """The settings of one section."""

    name: str
    title: str
    fields: tuple[Field, ...]


def groups(visit: Visit, changeable: Mapping[str, Iterable[str]], now: Settings, file: Settings) -> list[Group]:
    """Every setting that may change; what visitors see first, the rest in the order of the schema."""
    found = []
    known = list(_SECTIONS)
    sections = [name for name in Settings.model_fields if name in changeable]
    for section in sorted(sections, key=lambda name: known.index(name) if name in known else len(known)):
        model: Any = Settings.model_fields[section].annotation
        keys = [key for key in model.model_fields if key in changeable[section]]
        fields = tuple(_field(visit, section, key, model.model_fields[key], now, file) for key in keys)
        found.append(Group(section, visit.gettext(_SECTIONS.get(section, section)), fields))
    return found


def typed(visit: Visit, fields: Iterable[Field]) -> dict[str, str | tuple[str, ...]]:
    """What the form holds of those settings that it showed."""
    shown = {value for name, value in visit.form if name == "shown"}
    values: dict[str, str | tuple[str, ...]] = {}
    for field in (field for field in fields if field.name in shown):
        given = tuple(value for name, value in visit.form if name == field.name)
        if field.kind == "boxes":
            values[field.name] = tuple(value for value in given if value)
        elif field.kind == "check":
            values[field.name] = "yes" if given else "no"
        else:
            values[field.name] = given[0].replace("\r\n", "\n").strip() if given else ""
    return values


def tree(fields: Iterable[Field], values: Mapping[str, str | tuple[str, ...]]) -> Tree:
    """The changes as the configuration takes them: those values that differ from what holds."""
    changes: Tree = {}
    for field in fields:
        value = values.get(field.name, field.value)
        if value != field.value:
            section, key = field.name.split(".")
            changes.setdefault(section, {})[key] = _meant(field.kind, value)
    return changes


def _meant(kind: Kind, value: str | tuple[str, ...]) -> Any:
    if kind == "check":
        return value == "yes"
    if kind == "quota" and value == "":
        return -1
    if kind == "list" and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return list(value) if isinstance(value, tuple) else value


def _field(visit: Visit, section: str, key: str, info: FieldInfo, now: Settings, file: Settings) -> Field:
    name = f"{section}.{key}"
    kind = _kind(name, info)
    hint = _HINTS.get(name) or _KIND_HINTS.get(kind, "")
    return Field(
        name=name,
        kind=kind,
        label=visit.gettext(_LABELS.get(name, name)),
        hint=visit.gettext(hint) if hint else "",
        value=_text(kind, value_of(now, (section, key))),
        default=_text(kind, value_of(file, (section, key))),
        options=_options(visit, name, info),
    )


def _kind(name: str, info: FieldInfo) -> Kind:
    annotation: Any = info.annotation
    if annotation is bool:
        return "check"
    if get_origin(annotation) is Literal:
        return "choice"
    if get_origin(annotation) is tuple:
        return "boxes" if name == "instance.categories" else "list"
    if any(isinstance(one, BeforeValidator) and one.func is units.size for one in info.metadata):
        return "quota" if any(getattr(one, "ge", None) == -1 for one in info.metadata) else "size"
    if annotation is int or annotation is float:
        return "number"
    return "text" if name in _LONG else "words"


def _options(visit: Visit, name: str, info: FieldInfo) -> dict[str, str]:
    if name == "instance.categories":
        return Words(visit.texts).categories()
    if get_origin(info.annotation) is Literal:
        values = [str(value) for value in get_args(info.annotation)]
        return {value: visit.gettext(_OPTIONS.get(value, value)) for value in values}
    if info.annotation is bool:
        return {"yes": visit.gettext("Yes"), "no": visit.gettext("No")}
    return {"": visit.gettext("No limit")} if _kind(name, info) == "quota" else {}


def _text(kind: Kind, value: object) -> str | tuple[str, ...]:
    if kind == "check":
        return "yes" if value else "no"
    if kind in ("boxes", "list") and isinstance(value, tuple):
        entries = tuple(str(one) for one in value)
        return entries if kind == "boxes" else ", ".join(entries)
    if kind in ("size", "quota") and isinstance(value, int):
        return size(value)
    return "" if value is None else str(value)


def size(number: int) -> str:
    """Bytes as the configuration takes them, exactly: ``10 GB``; nothing for no limit."""
    if number < 0:
        return ""
    return next((f"{number // unit} {name}" for unit, name in _UNITS if number and number % unit == 0), str(number))
