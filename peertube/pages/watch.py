"""The page of a video: player, sharing between viewers, rating, what else there is."""

from urllib.parse import urlencode

from attrs import frozen

from peertube.errors import Forbidden, Invalid, NotFound
from peertube.http.routing import Access
from peertube.model.pages import Window
from peertube.model.users import Right
from peertube.model.video_filters import VideoFilter
from peertube.model.videos import Rating, Video, VideoDetails, VideoFile
from peertube.pages.actors import Follows
from peertube.pages.beside import Beside, BesideVideos
from peertube.pages.links import Links, handle_of, playable
from peertube.pages.opened import asks_for_password, proof_of
from peertube.pages.videos import RatingsOfVideos, VideoReader
from peertube.pages.visits import Cookie, PageRoute, Redirect, Shown, Visit, local_path
from peertube.policy.short_uuid import identify_uuid
from peertube.policy.visibility import REQUIRES_PASSWORD, is_open, is_owner, is_shared, needs_password
from peertube.usecases.ports import Randomness

SHARING_COOKIE = "sharing"
OTHERS = 8
_YEAR_SECONDS = 365 * 24 * 3600
_RATINGS = {"like": Rating.LIKE, "dislike": Rating.DISLIKE, "none": Rating.NONE}


@frozen
class WatchPages:
    """`/w/<id>` and the older addresses that lead there."""

    videos: VideoReader
    ratings: RatingsOfVideos
    links: Links
    randomness: Randomness
    beside: BesideVideos
    subscriptions: Follows

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/w/<identifier>", Access.ANYONE, self.watch),
            PageRoute("POST", "/w/<identifier>/rate", Access.USER, self.rate),
            PageRoute("GET", "/videos/watch/<identifier>", Access.ANYONE, self.older_address),
            PageRoute("POST", "/settings/sharing", Access.ANYONE, self.set_sharing),
        ]

    async def watch(self, visit: Visit, identifier: str) -> Shown:
        """Play a video."""
        uuid = _identifier(identifier)
        proof = proof_of(visit, uuid)
        try:
            details = await self.videos.details(visit.viewer, uuid, proof)
        except Forbidden as error:
            if error.code == REQUIRES_PASSWORD:
                return asks_for_password(uuid)
            raise
        video, file = details.video, playable(details)
        key = f"?{urlencode({'videoFileToken': proof.token})}" if proof.token and needs_password(video) else ""
        rating = Rating.NONE
        if visit.viewer is not None:
            rating = (await self.ratings.of(visit.viewer, video.uuid, opened=True))[1]
        sharing = self._sharing(visit)
        beside = await self.beside.of(visit, details)
        context = {
            "beside": beside,
            "video": video,
            "key": key,
            "files": details.files,
            "file": file,
            "rating": int(rating),
            "followed": visit.viewer is not None
            and await self.subscriptions.follows(visit.viewer, handle_of(video.channel)),
            "may_edit": visit.viewer is not None
            and video.is_local
            and (is_owner(visit.viewer.user, video) or visit.may(Right.UPDATE_ANY_VIDEO)),
            "sharing": sharing,
            "sharing_offered": _may_share(video, file),
            "embeddable": is_shared(video) and video.is_local,
            "others": await self._others(visit, video),
            "script_data": self._script_data(visit, details, sharing, key) | _player_data(beside),
        }
        return Shown("watch.html", context, wide_policy=True)

    async def rate(self, visit: Visit, identifier: str) -> Redirect:
        """Like or dislike a video, or take that back."""
        rating = _RATINGS.get(visit.given("rating"))
        if rating is None:
            raise Invalid("There is no such rating")
        uuid = _identifier(identifier)
        await self.videos.details(visit.viewer, uuid, proof_of(visit, uuid))
        await self.ratings.rate(visit.user(), uuid, rating, opened=True)
        return Redirect(f"/w/{identifier}")

    async def older_address(self, visit: Visit, identifier: str) -> Redirect:
        """PeerTube's older address of a video's page."""
        return Redirect(f"/w/{_identifier(identifier)}", status=301)

    async def set_sharing(self, visit: Visit) -> Redirect:
        """Remember whether the visitor shares with other viewers (and thereby shows them an IP address)."""
        choice = "on" if visit.given("sharing") == "on" else "off"
        back = local_path(visit.given("next"))
        return Redirect(back, cookies=(Cookie(SHARING_COOKIE, choice, _YEAR_SECONDS),))

    async def _others(self, visit: Visit, video: Video) -> list[Video]:
        rows = Window(count=OTHERS + 1, sort="-publishedAt", skip_count=True)
        same = VideoFilter(tags_one_of=video.fields.tags) if video.fields.tags else VideoFilter()
        found = list((await self.videos.listing(visit.viewer, same, rows)).items)
        if len(found) <= OTHERS and video.fields.tags:
            found += (await self.videos.listing(visit.viewer, VideoFilter(), rows)).items
        others = {other.id: other for other in found if other.id != video.id}
        return list(others.values())[:OTHERS]

    def _sharing(self, visit: Visit) -> str:
        return visit.remembered.get(SHARING_COOKIE, "")

    def _script_data(self, visit: Visit, details: VideoDetails, sharing: str, key: str) -> dict[str, object]:
        video, file = details.video, playable(details)
        interval = self.links.urls.settings.views.videos.watching_interval
        may_share = _may_share(video, file) and file is not None
        text = visit.gettext
        return {
            "sharing": sharing == "on",
            "torrent": self.links.torrent(file) if may_share and file is not None else None,
            "file": f"{self.links.urls.file(video, file)}{key}" if file is not None else None,
            "trackers": [url for url in self.links.urls.trackers(video) if url.startswith("ws")],
            "worker": "/sw.min.js",
            "views": {
                "url": f"/api/v1/videos/{video.uuid}/views{key}",
                "session": self.randomness.uuid(),
                "every": interval.anonymous if visit.viewer is None else interval.users,
                "token": {"url": "/session/token", "csrf": visit.csrf()} if visit.viewer is not None else None,
            },
            "texts": {
                "starting": text("Looking for other viewers. Until then the video comes from the server."),
                "sharing": text("You share this video with other viewers."),
                "fallback": text("Sharing did not work here. The video comes from the server."),
                "insecure": text("Sharing needs a secure connection (https). The video comes from the server."),
                "unsupported": text("This browser cannot share. The video comes from the server."),
            },
        }


def _player_data(beside: Beside) -> dict[str, object]:
    return {
        "storyboard": beside.storyboard,
        "chapters": [{"at": chapter.timecode, "title": chapter.title} for chapter in beside.chapters],
    }


def _may_share(video: Video, file: VideoFile | None) -> bool:
    return file is not None and file.info_hash is not None and is_open(video)


def _identifier(text: str) -> str:
    """The UUID that an address names; anything else (numbers can be guessed) is not a page."""
    uuid = identify_uuid(text)
    if uuid is None:
        raise NotFound("There is no such video")
    return uuid
