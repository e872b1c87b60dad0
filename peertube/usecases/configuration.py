"""Settings that the admin changes while the pod runs: kept in the database, in force in every process at once.

The files and the environment say what holds at first; what was changed lies over it, and can be taken back.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec
from pydantic import ValidationError
from twisted.logger import Logger

from peertube.config.schema import Section, Settings
from peertube.errors import Invalid
from peertube.model import topics
from peertube.model.audit import AuditEntry
from peertube.model.users import Viewer
from peertube.storage import audit, settings
from peertube.storage.database import Database, Transaction
from peertube.usecases.ports import Clock, Message, Publisher

Tree = Mapping[str, Mapping[str, Any]]
"""Values by section and key: ``{"instance": {"name": …}}``."""

CHANGEABLE: Mapping[str, frozenset[str]] = {
    "instance": frozenset(
        {
            "name",
            "short_description",
            "description",
            "terms",
            "is_nsfw",
            "default_nsfw_policy",
            "languages",
            "categories",
        }
    ),
    "admin": frozenset({"email"}),
    "contact_form": frozenset({"enabled"}),
    "signup": frozenset(
        {"enabled", "limit", "minimum_age", "requires_approval", "requires_email_verification"},
    ),
    "user": frozenset({"video_quota", "video_quota_daily"}),
    "upload": frozenset({"max_file_size"}),
}
"""What may change at run time."""

MAXIMUM_AUDIT = 1_000
"""How much of the audit log is read at once."""

_KEY = "custom-configuration"


class Holder(Protocol):
    """Where the settings in force are kept."""

    @property
    def settings(self) -> Settings:
        """What holds now."""
        ...

    def replace(self, settings: Settings) -> None:
        """Let other settings hold from now on."""
        ...


class Configuration:
    """The settings in force.

    :param settings: what the files and the environment say.
    """

    _log = Logger()

    def __init__(
        self, *, database: Database, clock: Clock, publisher: Publisher, settings: Settings, current: Holder
    ) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._settings = settings
        self._current = current
        self._version = 0

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return self._current.settings

    @property
    def from_files(self) -> Settings:
        """What the files and the environment say."""
        return self._settings

    @property
    def changeable(self) -> Mapping[str, frozenset[str]]:
        """What may change at run time: keys by section."""
        return CHANGEABLE

    async def load(self) -> None:
        """Let what the database holds be in force; at the start, and when another process changed it."""
        self._apply(*await self._database.read(_stored))

    def is_behind(self, news: Message) -> bool:
        """Whether what is told (`topics.CONFIGURATION`) is not in force here yet: then `load`."""
        version = news.get("version")
        return isinstance(version, int) and version > self._version

    async def check(self, changes: Tree) -> None:
        """Whether some settings may be changed so: `Invalid` with every wrong one."""
        _, stored = await self._database.read(_stored)
        _laid_over(self._settings, _merged(stored, changes))

    async def change(self, viewer: Viewer, changes: Tree) -> None:
        """Change some settings; those that are not named stay. `Invalid` with every wrong one.

        A value that the file has too is not kept: when the file changes, it counts again.
        """
        await self._database.write(self._change, viewer, changes)

    async def reset(self, viewer: Viewer) -> None:
        """Take every change back."""
        await self._database.write(self._reset, viewer)

    async def audit(self, from_ms: int, until_ms: int) -> list[AuditEntry]:
        """What the staff did, newest first."""
        return await self._database.read(audit.between, from_ms, until_ms, MAXIMUM_AUDIT)

    async def _change(self, tx: Transaction, viewer: Viewer, changes: Tree) -> None:
        version, stored = await _stored(tx)
        merged = _merged(stored, changes)
        changed = _laid_over(self._settings, merged)
        kept = {
            name: {key: value for key, value in section.items() if _differs(changed, self._settings, name, key)}
            for name, section in merged.items()
        }
        await self._store(tx, viewer, version + 1, kept, "update", changes)

    async def _reset(self, tx: Transaction, viewer: Viewer) -> None:
        version, _ = await _stored(tx)
        await self._store(tx, viewer, version + 1, {}, "reset", {})

    async def _store(
        self, tx: Transaction, viewer: Viewer, version: int, tree: Tree, action: str, detail: Tree
    ) -> None:
        await settings.put(tx, _KEY, msgspec.json.encode([version, tree]).decode())
        entry = AuditEntry(viewer.user.username, "config", action, detail, self._clock.now_ms())
        await audit.add(tx, entry)
        tx.after_commit(lambda: self._tell(version, tree))

    def _tell(self, version: int, tree: Tree) -> None:
        self._apply(version, tree)
        self._publisher.publish(topics.CONFIGURATION, {"version": version})

    def _apply(self, version: int, tree: Tree) -> None:
        if version <= self._version:
            return  # the news of a change may come after the news of a later one
        try:
            changed = _laid_over(self._settings, tree)
        except Invalid:
            self._log.failure("the stored settings do not fit this version; the files hold")
            return
        self._version = version
        self._current.replace(changed)


async def _stored(tx: Transaction) -> tuple[int, Tree]:
    text = await settings.get(tx, _KEY)
    if text is None:
        return 0, {}
    version, tree = msgspec.json.decode(text)
    return int(version), tree


def _merged(stored: Tree, changes: Tree) -> Tree:
    return {name: {**stored.get(name, {}), **changes.get(name, {})} for name in CHANGEABLE}


def _differs(one: Settings, other: Settings, section: str, key: str) -> bool:
    if key not in CHANGEABLE[section]:
        return False
    return bool(getattr(getattr(one, section), key) != getattr(getattr(other, section), key))


def _laid_over(base: Settings, tree: Tree) -> Settings:
    """`base` with the values of `tree`, checked as those of a file are."""
    sections: dict[str, Section] = {}
    wrong: dict[str, str] = {}
    for name, changeable in CHANGEABLE.items():
        section: Section = getattr(base, name)
        given = {key: value for key, value in tree.get(name, {}).items() if key in changeable}
        try:
            sections[name] = type(section).model_validate({**section.model_dump(), **given})
        except ValidationError as error:
            for one in error.errors(include_url=False, include_context=False, include_input=False):
                wrong[f"{name}.{'.'.join(str(part) for part in one['loc'][:1])}"] = one["msg"]
    changed = base.model_copy(update=sections)
    if changed.signup.enabled and changed.signup.requires_email_verification and not changed.smtp.enabled:
        wrong["signup.requires_email_verification"] = "Needs smtp.hostname, without which no mail is sent"
    if wrong:
        raise Invalid(f"Incorrect request parameters: {', '.join(wrong)}", fields=wrong)
    return changed
