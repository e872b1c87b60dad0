"""What other programs ask of every site, outside of ``/api``: nodeinfo, robots, sitemap, security contact."""

from datetime import UTC, datetime, timedelta

from peertube import __version__
from peertube.api.representations.config import config
from peertube.config.current import Current
from peertube.http.routing import Access, Call, Reply, Route
from peertube.policy.short_uuid import shorten
from peertube.usecases.instance import Instance
from peertube.usecases.ports import Clock

_SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/2.0"
_OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=600"}
_DAY = {"Cache-Control": "public, max-age=86400"}
_EXPIRY_DAYS = 180
_NODE_CONFIG = (
    "search", "plugin", "theme", "email", "contactForm", "transcoding", "live", "import", "autoBlacklist", "avatar",
    "video", "videoCaption", "user", "trending", "tracker",
)  # fmt: skip


class DiscoveryApi:
    """Small documents for programs."""

    def __init__(self, *, instance: Instance, current: Current, clock: Clock) -> None:
        self._instance = instance
        self._current = current
        self._clock = clock

    def routes(self) -> list[Route]:
        """The routes below the root."""
        return [
            Route("GET", "/.well-known/nodeinfo", Access.ANYONE, self.nodeinfo_links),
            Route("GET", "/nodeinfo/2.0.json", Access.ANYONE, self.nodeinfo),
            Route("GET", "/.well-known/security.txt", Access.ANYONE, self.security),
            Route("GET", "/security.txt", Access.ANYONE, self.security_moved),
            Route("GET", "/.well-known/change-password", Access.ANYONE, self.change_password),
            Route("GET", "/.well-known/dnt", Access.ANYONE, self.tracking),
            Route("GET", "/.well-known/dnt/", Access.ANYONE, self.tracking),
            Route("GET", "/robots.txt", Access.ANYONE, self.robots),
            Route("GET", "/sitemap.xml", Access.ANYONE, self.sitemap),
        ]

    async def nodeinfo_links(self, call: Call) -> Reply:
        """Where the description of the pod is (NodeInfo protocol 1.0)."""
        return Reply({"links": [{"rel": _SCHEMA, "href": f"{self._origin}/nodeinfo/2.0.json"}]}, headers=_OPEN)

    async def nodeinfo(self, call: Call) -> Reply:
        """The pod, described as NodeInfo 2.0."""
        settings, stats = self._current.settings, await self._instance.stats()
        whole = config(settings)
        document = {
            "version": "2.0",
            "software": {"name": "peertube", "version": __version__},
            "protocols": ["activitypub"],
            "services": {"inbound": [], "outbound": []},
            "openRegistrations": False,
            "usage": {
                "users": {"total": stats.users, "activeMonth": stats.monthly_active_users},
                "localPosts": stats.local_videos,
                "localComments": 0,
            },
            "metadata": {
                "taxonomy": {"postsName": "Videos"},
                "nodeName": settings.instance.name,
                "nodeDescription": settings.instance.short_description,
                "nodeConfig": {name: whole[name] for name in _NODE_CONFIG},
            },
        }
        return Reply(document, headers=_OPEN, content_type=f'application/json; profile="{_SCHEMA}#"')

    async def security(self, call: Call) -> Reply:
        """Whom to tell of a hole (RFC 9116)."""
        now = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC)
        expires = (now + timedelta(days=_EXPIRY_DAYS)).strftime("%Y-%m-%dT00:00:00Z")
        lines = [
            f"Contact: mailto:{self._current.admin.email}",
            f"Expires: {expires}",
            f"Canonical: {self._origin}/.well-known/security.txt",
        ]
        return _text("\n".join(lines) + "\n")

    async def security_moved(self, call: Call) -> Reply:
        """The older place of ``security.txt``."""
        return Reply(b"", 301, {"Location": "/.well-known/security.txt"}, "text/plain")

    async def change_password(self, call: Call) -> Reply:
        """Where password managers lead their users."""
        return Reply(b"", 302, {"Location": "/settings"}, "text/plain")

    async def tracking(self, call: Call) -> Reply:
        """Nobody is tracked here (Tracking Preference Expression, section 6.5)."""
        return Reply({"tracking": "N"}, headers=_DAY, content_type="application/tracking-status+json")

    async def robots(self, call: Call) -> Reply:
        """What search engines may read: everything that anybody may."""
        return _text(f"User-agent: *\nDisallow: /admin\nDisallow: /settings\n\nSitemap: {self._origin}/sitemap.xml\n")

    async def sitemap(self, call: Call) -> Reply:
        """The pages and the newest videos of the pod."""
        origin = self._origin
        places = [f"<url><loc>{origin}{path}</loc></url>" for path in ("/", "/videos", "/about")]
        places += [
            f"<url><loc>{origin}/w/{shorten(uuid)}</loc><lastmod>{_date(updated_ms)}</lastmod></url>"
            for uuid, updated_ms in await self._instance.sitemap()
        ]
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        text = head + "\n".join(places) + "\n</urlset>\n"
        return Reply(text, headers={"Cache-Control": "public, max-age=600"}, content_type="application/xml")

    @property
    def _origin(self) -> str:
        return self._current.webserver.origin


def _text(text: str) -> Reply:
    return Reply(text, headers=_DAY, content_type="text/plain")


def _date(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%d")
