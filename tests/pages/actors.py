"""Made-up channels, people, subscriptions and invitations."""

from attrs import evolve

from peertube.errors import Conflict, Invalid, NotFound
from peertube.model.actor_images import ActorImage, ImageKind
from peertube.model.channels import ChannelStats
from peertube.model.collaborators import Collaborator, CollaboratorState
from peertube.model.directory import Directory
from peertube.model.ownership_changes import WAITING, OwnershipChange
from peertube.model.pages import Listing
from peertube.model.subscriptions import FollowedTag
from peertube.usecases.channels import OwnedChannel
from tests.http.serving import NOW_MS
from tests.pages.videos import HOSTILE, video

STEM = "aaaaaaaa-0000-4000-8000-000000000001"


class FakeActors:
    """One channel here and one on another server, with hostile names; keeps what was asked for."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []
        self.content = f"# Welcome\n\n{HOSTILE}"
        self.present = {kind: ActorImage(STEM, NOW_MS) for kind in ImageKind}
        self.error: Exception | None = None

    def _owned(self, handle: str) -> OwnedChannel:
        some = video(1, HOSTILE, host="b.example" if "@" in handle else "")
        if handle == "nobody":
            raise NotFound("Video channel not found")
        channel = evolve(some.channel, id=2, banner=self.present[ImageKind.BANNER]) if "@" in handle else some.channel
        return OwnedChannel(channel, some.account, ChannelStats(3, 400, {19_000: 12}))

    async def channel(self, handle):
        return self._owned(handle)

    async def account(self, handle):
        return self._owned(handle).account

    async def of_account(self, handle, window, **more):
        return Listing(2, [self._owned("ana_channel"), self._owned("ana_channel@b.example")])

    async def newest(self, channels, each):
        return {channel.id: [video(1, HOSTILE), video(2)] for channel in channels}

    async def follow(self, viewer, uri):
        if uri.endswith("nobody"):
            raise NotFound("Video channel not found")
        self.done.append(("follow", uri))

    async def unfollow(self, viewer, uri):
        self.done.append(("unfollow", uri))

    async def follows(self, viewer, uri):
        return ("follow", uri) in self.done

    async def channels(self, viewer, window, search=None):
        return Listing(1, [self._owned("ana_channel")])

    async def accounts(self, viewer, window):
        return Listing(1, [self._owned("ana@b.example").account])

    async def tags(self, viewer):
        return [FollowedTag(HOSTILE[:30], NOW_MS)]

    async def overview(self):
        channel = self._owned("ana_channel").channel
        return Directory({1: 5}, {"de": 2}, {HOSTILE: 1, "hills": 4}, {2: 1}, [channel])

    async def on_shelf(self, category, window):
        return Listing(1, [self._owned("ana_channel").channel])

    async def create(self, viewer, name, fields):
        if name == "taken":
            raise Conflict("taken")
        if not fields.display_name:
            raise Invalid("Incorrect request parameters", fields={"displayName": "Should be 1 to 120 characters long"})
        self.done.append(("create", name, fields))
        return 7

    async def update(self, viewer, handle, changes, *, videos_too=False):
        self.done.append(("update", handle, changes, videos_too))

    async def remove(self, viewer, *what):
        self.done.append(("remove", *what))

    async def set_mine(self, viewer, sent):
        self.done.append(("set_mine",))

    async def remove_mine(self, viewer):
        self.done.append(("remove_mine",))

    async def set_of_channel(self, viewer, handle, kind, sent):
        self.done.append(("set_of_channel", handle, kind))

    async def remove_of_channel(self, viewer, handle, kind):
        self.done.append(("remove_of_channel", handle, kind))

    async def change(self, *what):
        if what[-1] and isinstance(what[-1], str) and len(what[-1]) > 1000:
            raise Invalid("Incorrect request parameters: content", fields={"content": "too long"})
        self.done.append(("change", what[-1]))


class FakePeople:
    """Somebody who takes part and somebody who is invited; an offer."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []

    async def of_channel(self, viewer, handle):
        account = video(1, HOSTILE).account
        states = (CollaboratorState.PENDING, CollaboratorState.ACCEPTED)
        return [Collaborator(number, 1, account, state, NOW_MS, NOW_MS) for number, state in enumerate(states)]

    async def mine(self, viewer, state):
        return [(4, video(1, HOSTILE).channel)]

    async def invite(self, viewer, handle, account):
        if account == "nobody":
            raise Invalid("Incorrect request parameters", fields={"accountHandle": "Should be an account"})
        self.done.append(("invite", handle, account))

    async def accept(self, viewer, *what):
        self.done.append(("accept", *what))

    async def reject(self, viewer, *what):
        self.done.append(("reject", *what))

    async def refuse(self, viewer, *what):
        self.done.append(("refuse", *what))

    async def remove(self, viewer, *what):
        self.done.append(("remove", *what))

    async def give(self, viewer, uuid, username):
        if username == "nobody":
            raise Invalid("Incorrect request parameters", fields={"username": "Should be an account"})
        self.done.append(("give", username))

    async def offers(self, viewer, window):
        some = video(1, HOSTILE)
        return Listing(1, [OwnershipChange(1, some, some.account, some.account, WAITING, NOW_MS)])
