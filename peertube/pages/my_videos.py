"""One's own videos: the list, changing one, removing one."""

from attrs import frozen

from peertube.errors import Conflict, Forbidden, Invalid, NotFound
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.model.users import Right
from peertube.model.videos import VideoDetails
from peertube.pages.paging import Paging, current_page, window
from peertube.pages.upload import OwnProfile, channel_names
from peertube.pages.video_form import VideoForm, values_of, values_typed
from peertube.pages.videos import OwnVideos
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import Words
from peertube.policy.short_uuid import identify_uuid
from peertube.policy.visibility import is_owner
from peertube.usecases.videos import VideoChanges

PER_PAGE = 20


@frozen
class MyVideosPages:
    """`/my-videos`."""

    videos: OwnVideos
    account: OwnProfile

    def routes(self) -> list[PageRoute]:
        """Each page."""
        return [
            PageRoute("GET", "/my-videos", Access.USER, self.listing),
            PageRoute("GET", "/my-videos/<identifier>", Access.USER, self.edit),
            PageRoute("POST", "/my-videos/<identifier>", Access.USER, self.save),
            PageRoute("GET", "/my-videos/<identifier>/remove", Access.USER, self.ask_removal),
            PageRoute("POST", "/my-videos/<identifier>/remove", Access.USER, self.remove),
        ]

    async def listing(self, visit: Visit) -> Shown:
        """Titles, states, privacy, views, dates."""
        page, search = current_page(visit), visit.asked("search")[:200]
        found = await self.videos.mine(visit.user(), window(page, PER_PAGE, "-createdAt"), search or None)
        total = found.total or 0
        profile = await self.account.profile(visit.user())
        context = {
            "videos": found.items,
            "total": total,
            "search": search,
            "paging": Paging("/my-videos", {"search": search}, page, PER_PAGE, total),
            "bytes_used": profile.bytes_used,
            "quota": profile.user.video_quota,
        }
        return Shown("my_videos.html", context, section="my-videos")

    async def edit(self, visit: Visit, identifier: str) -> Shown:
        """Show what a video says of itself, to be changed."""
        found = await self._mine(visit, identifier, Right.UPDATE_ANY_VIDEO)
        return await self._form(visit, found, values_of(found.video.fields))

    async def save(self, visit: Visit, identifier: str) -> Shown | Redirect:
        """Change a video."""
        found = await self._mine(visit, identifier, Right.UPDATE_ANY_VIDEO)
        try:
            filled = visit.filled(VideoForm)
            moved = filled.channel_id if filled.channel_id != found.video.channel.id else None
            changes = VideoChanges(fields=filled.fields(), channel_id=moved, passwords=filled.passwords())
            await self.videos.update(visit.user(), found.video.uuid, changes)
        except (Invalid, Conflict) as error:
            errors = Words(visit.texts).faults(error.fields) if isinstance(error, Invalid) else {}
            problem = (
                visit.gettext("The video was not saved.")
                + " "
                + Words(visit.texts).error(error.code, "" if errors else error.detail)
            )
            return await self._form(visit, found, values_typed(visit), problem, errors, status_of(error))
        return Redirect("/my-videos", done="video-saved")

    async def ask_removal(self, visit: Visit, identifier: str) -> Shown:
        """Ask whether the video shall really go."""
        found = await self._mine(visit, identifier, Right.REMOVE_ANY_VIDEO)
        text = visit.gettext
        context = {
            "title": text("Remove this video?"),
            "text": text(
                "“%(name)s” goes for good, here and on friend servers, with its views and likes.",
                name=found.video.fields.name,
            ),
            "action": f"/my-videos/{found.video.uuid}/remove",
            "yes": text("Remove the video"),
            "back": "/my-videos",
        }
        return Shown("confirm.html", context, section="my-videos")

    async def remove(self, visit: Visit, identifier: str) -> Redirect:
        """Remove a video."""
        found = await self._mine(visit, identifier, Right.REMOVE_ANY_VIDEO)
        await self.videos.remove(visit.user(), found.video.uuid)
        return Redirect("/my-videos", done="video-removed")

    async def _mine(self, visit: Visit, identifier: str, right: Right) -> VideoDetails:
        uuid = identify_uuid(identifier)
        if uuid is None:
            raise NotFound("Video not found")
        found = await self.videos.details(visit.viewer, uuid)
        if not found.video.is_local or not (is_owner(visit.user().user, found.video) or visit.may(right)):
            raise Forbidden("This is not your video")
        return found

    async def _form(
        self,
        visit: Visit,
        found: VideoDetails,
        values: dict[str, object],
        problem: str = "",
        errors: dict[str, str] | None = None,
        status: int = 200,
    ) -> Shown:
        profile = await self.account.profile(visit.user())
        own = is_owner(visit.user().user, found.video)
        context = {
            "video": found.video,
            "values": {**values, "channelId": values.get("channelId") or found.video.channel.id},
            "errors": errors or {},
            "problem_text": problem,
            "channels": channel_names(profile.channels) if own else {},
            "name_required": True,
            "passwords_hint": visit.gettext(
                "Only for a video behind passwords: one in each line. Leave it empty to keep those that it has."
            ),
        }
        return Shown("edit_video.html", context, status=status, section="my-videos")
