"""How the values of two configurations are compared and shown: which keys there are, what each holds."""

from collections.abc import Iterator

from attrs import frozen

from peertube.config.keys import Key, all_keys
from peertube.config.schema import Settings

_SECRET = frozenset({"password", "auth", "secrets", "secret", "access_key", "secret_access_key"})


@frozen
class Held:
    """What one key holds, and what it holds where nobody sets it.

    :param secret: whether the value is nobody's business.
    """

    key: Key
    value: object
    default: object

    @property
    def changed(self) -> bool:
        """Whether it is not the default."""
        return self.value != self.default

    @property
    def secret(self) -> bool:
        """Whether the value is nobody's business."""
        return any(part in _SECRET for part in self.key.path)


def held(settings: Settings, base: Settings) -> Iterator[Held]:
    """Every key with what it holds in `settings` and in `base`, in the order of the schema."""
    for key in all_keys():
        yield Held(key, value_of(settings, key.path), value_of(base, key.path))


def value_of(settings: Settings, path: tuple[str, ...]) -> object:
    """What a key holds."""
    value: object = settings
    for name in path:
        value = getattr(value, name)
    return value
