"""Who runs the server; and the small files that browsers ask every site for."""

import msgspec
from attrs import frozen

from peertube.http.routing import Access
from peertube.pages.assets import Assets
from peertube.pages.contact import ContactForm
from peertube.pages.videos import Friends
from peertube.pages.visits import Answer, PageRoute, Shown, Visit
from peertube.usecases.ports import InForce

_MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="5" fill="#0B6B62"/>'
    '<path fill="#FFFFFF" d="M7 5v7l5-3.5zM7 12v7l5-3.5zM12 8.5v7l5-3.5z"/></svg>'
)
_DAY = {"Cache-Control": "public, max-age=86400"}


@frozen
class AboutPages:
    """`/about`, the bundle, the service worker, the icon and the manifest."""

    settings: InForce
    contact: ContactForm
    friends: Friends
    assets: Assets

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/about", Access.ANYONE, self.about),
            PageRoute("GET", "/assets/<name>", Access.ANYONE, self.asset),
            PageRoute("GET", "/sw.min.js", Access.ANYONE, self.worker),
            PageRoute("GET", "/favicon.svg", Access.ANYONE, self.icon),
            PageRoute("GET", "/manifest.webmanifest", Access.ANYONE, self.manifest),
        ]

    async def about(self, visit: Visit) -> Shown:
        """Operator, rules, friends, sharing and privacy, accessibility."""
        context = {
            "instance": self.settings.instance,
            "contact": self.settings.admin.email,
            "has_form": self.contact.enabled,
            "hosts": sorted(pod.host for pod in await self.friends.friends()),
        }
        return Shown("about.html", context, section="about")

    async def asset(self, visit: Visit, name: str) -> Answer:
        """A file of the bundle."""
        return self.assets.file(name)

    async def worker(self, visit: Visit) -> Answer:
        """The service worker that hands players their pieces."""
        return self.assets.worker()

    async def icon(self, visit: Visit) -> Answer:
        """The icon of the site."""
        return Answer(_MARK.encode(), "image/svg+xml", _DAY)

    async def manifest(self, visit: Visit) -> Answer:
        """The web manifest: lets a phone keep the site as an app."""
        described = {
            "name": self.settings.instance.name,
            "short_name": self.settings.instance.name[:30],
            "description": self.settings.instance.short_description,
            "start_url": "/",
            "display": "standalone",
            "background_color": "#0F1216",
            "theme_color": "#0B6B62",
            "icons": [{"src": "/favicon.svg", "sizes": "any", "type": "image/svg+xml"}],
        }
        return Answer(msgspec.json.encode(described), "application/manifest+json", _DAY)
