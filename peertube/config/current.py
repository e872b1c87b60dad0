"""The settings in force."""

from peertube.config.schema import Settings


class Current:
    """Holds the settings; objects ask it each time they use one, so that a reload reaches them all."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return self._settings

    def replace(self, settings: Settings) -> None:
        """Let other settings hold from now on."""
        self._settings = settings
