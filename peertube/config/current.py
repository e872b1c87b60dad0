"""The settings in force."""

from peertube.config import schema
from peertube.config.schema import Settings


class Current:
    """Holds the settings; objects ask it each time they use one, so that a reload reaches them all."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return self._settings

    @property
    def admin(self) -> schema.Admin:
        """Who runs the pod."""
        return self._settings.admin

    @property
    def client(self) -> schema.Client:
        """What programs and pages are asked to keep to."""
        return self._settings.client

    @property
    def contact_form(self) -> schema.ContactForm:
        """Whether anyone may write to the admin."""
        return self._settings.contact_form

    @property
    def instance(self) -> schema.Instance:
        """What the pod says about itself."""
        return self._settings.instance

    @property
    def signup(self) -> schema.Signup:
        """How people get an account."""
        return self._settings.signup

    @property
    def upload(self) -> schema.Upload:
        """What one upload may be."""
        return self._settings.upload

    @property
    def user(self) -> schema.UserSettings:
        """What a new user gets."""
        return self._settings.user

    @property
    def webserver(self) -> schema.WebServer:
        """How the world reaches the pod."""
        return self._settings.webserver

    def replace(self, settings: Settings) -> None:
        """Let other settings hold from now on."""
        self._settings = settings
