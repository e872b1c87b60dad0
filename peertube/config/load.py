"""Reads the configuration: YAML files, later ones over earlier ones, and the environment over all of them.

Every mistake is told at once, each in one line that begins with the key. Keys that nobody knows are warnings: a
configuration that was written for PeerTube names many.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_origin

import yaml
from attrs import frozen
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from peertube import failpoints
from peertube.config import urls
from peertube.config.contradictions import contradictions
from peertube.config.keys import PREFIX, Key, all_keys, flatten, likely
from peertube.config.schema import Settings

MAXIMUM_FILE_BYTES = 2**20

_SECRET_WORDS = ("secret", "password", "token", "key", "redis.auth")

Tree = dict[str, Any]


@frozen
class Loaded:
    """The settings, and what the operator should look at."""

    settings: Settings
    warnings: tuple[str, ...]


class ConfigurationError(Exception):
    """The configuration cannot be used.

    :param problems: one line each, beginning with the key.
    :param warnings: what would have been warned about otherwise.
    """

    def __init__(self, problems: Sequence[str], warnings: Sequence[str] = ()) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
        self.warnings = tuple(warnings)


def load(paths: Sequence[Path], environ: Mapping[str, str]) -> Loaded:
    """Read and check the configuration. Relative paths in it are relative to the working directory.

    :raises ConfigurationError: with every problem there is.
    """
    loading = _Loading()
    for path in paths:
        loading.take_file(path)
    loading.take_environment(environ)
    return loading.result()


class _Loading:
    """What was read so far: the values, where each comes from, problems and warnings."""

    def __init__(self) -> None:
        self._tree: Tree = Settings().model_dump()
        self._origins: dict[tuple[str, ...], str] = {}
        self._problems: list[str] = []
        self._warnings: list[str] = []
        self._keys = list(all_keys())

    def take_file(self, path: Path) -> None:
        """Lay a file over what was read before."""
        try:
            content = _read(path)
        except _Unreadable as error:
            self._problems.append(f"{path}: {error}")
            return
        known = {key.path: key for key in self._keys}
        for place, value in flatten(content):
            if place in known:
                self._put(place, value, str(path))
            elif inside := next((name for name in known if name == place[: len(name)]), None):
                # Keys where a value belongs: the schema says what it expects.
                self._put(inside, {place[-1]: value}, str(path))
            elif _is_section(place, self._keys):
                if value not in (None, {}):
                    self._problems.append(f"{'.'.join(place)}: expected a section with keys (in {path})")
            else:
                self._warn_unknown(".".join(place), [key.name for key in self._keys], str(path))

    def take_environment(self, environ: Mapping[str, str]) -> None:
        """Lay the environment over the files."""
        for name, (meant, read) in _ALIASES.items():
            if environ.get(name):
                try:
                    for place, value in read(environ[name]).items():
                        self._put(place, value, name)
                except ValueError as error:
                    self._problems.append(f"{meant}: {error} (in {name})")
        variables = {key.variable: key for key in self._keys}
        for name, text in environ.items():
            if not name.startswith(PREFIX) or name == failpoints.VARIABLE:
                continue
            key = variables.get(name)
            if key is None:
                self._warn_unknown(name, list(variables), "the environment")
            else:
                self._put(key.path, _from_text(key, text), name)

    def result(self) -> Loaded:
        """The settings, or every problem."""
        settings = None
        try:
            settings = Settings.model_validate(self._tree)
        except ValidationError as error:
            self._problems.extend(self._told(error.errors(include_url=False)))
        if settings is not None:
            self._problems.extend(contradictions(settings))
        if self._problems or settings is None:
            raise ConfigurationError(self._problems, self._warnings)
        return Loaded(settings, tuple(self._warnings))

    def _put(self, place: tuple[str, ...], value: object, origin: str) -> None:
        here = self._tree
        for name in place[:-1]:
            here = here.setdefault(name, {})
        here[place[-1]] = value
        self._origins[place] = origin

    def _warn_unknown(self, name: str, names: Sequence[str], origin: str) -> None:
        meant = likely(name, names)
        advice = f"; did you mean {meant}?" if meant is not None else ""
        self._warnings.append(f"{name}: there is no such key, it has no effect{advice} (in {origin})")

    def _told(self, errors: Sequence[ErrorDetails]) -> Iterator[str]:
        paths = {key.path for key in self._keys}
        for error in errors:
            words = tuple(str(word) for word in error["loc"])
            place = next((words[:end] for end in range(len(words), 0, -1) if words[:end] in paths), words)
            name = ".".join(place)
            # pydantic: "Input should be …"
            expected = error["msg"].replace("Input should be", "expected").removeprefix("Value error, ")
            found = "" if any(word in name for word in _SECRET_WORDS) else f", found {_shown(error['input'])}"
            origin = f" (in {self._origins[place]})" if place in self._origins else ""
            yield f"{name}: {expected}{found}{origin}"


class _Unreadable(Exception):
    """A file that cannot be read as configuration; the text says why."""


def _read(path: Path) -> Tree:
    try:
        with path.open("rb") as file:
            text = file.read(MAXIMUM_FILE_BYTES + 1)
    except OSError as error:
        raise _Unreadable(f"cannot be read: {error.strerror}") from error
    if len(text) > MAXIMUM_FILE_BYTES:
        raise _Unreadable(f"is over {MAXIMUM_FILE_BYTES} bytes")
    try:
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        raise _Unreadable(f"is not YAML{place}: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _Unreadable("is not YAML") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise _Unreadable("expected sections with keys, as in etc/peertube.yaml")
    return content


def _is_section(place: tuple[str, ...], keys: Sequence[Key]) -> bool:
    return any(key.path[: len(place)] == place for key in keys)


def _may_be_none(key: Key) -> bool:
    return type(None) in getattr(key.annotation, "__args__", ())


def _from_text(key: Key, text: str) -> object:
    """A value as the environment can write it: lists with commas, nothing at all for what may be absent."""
    if get_origin(key.annotation) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    if _may_be_none(key) and not text.strip():
        return None
    return text


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _port(text: str) -> urls.Values:
    return {("listen", "port"): text}


def _secret(text: str) -> urls.Values:
    return {("secrets", "peertube"): text}


_ALIASES: dict[str, tuple[str, Callable[[str], urls.Values]]] = {
    "PORT": ("listen.port", _port),
    "DATABASE_URL": ("database", urls.database),
    "REDIS_URL": ("redis", urls.redis),
    "JWT_SECRET": ("secrets.peertube", _secret),
}
"""Variables that other programs know too; the long name of a key wins over its alias."""
