"""Working on a channel together: its owner invites people of this pod, who accept or do not."""

from peertube.errors import Conflict, Forbidden, Invalid, NotFound
from peertube.model import topics
from peertube.model.accounts import LOCAL
from peertube.model.channels import Channel
from peertube.model.collaborators import MAXIMUM_COLLABORATORS, Collaborator, CollaboratorState
from peertube.model.users import Viewer
from peertube.policy.authority import may_own_channel, may_update_channel
from peertube.storage import accounts, channels, collaborators
from peertube.storage.database import Database, Transaction, UniqueViolation
from peertube.usecases.handles import Handles
from peertube.usecases.ports import Clock, Publisher


class Collaborators:
    """Who takes part in which channel."""

    def __init__(self, *, database: Database, clock: Clock, publisher: Publisher, handles: Handles) -> None:
        self._database = database
        self._clock = clock
        self._publisher = publisher
        self._handles = handles

    async def of_channel(self, viewer: Viewer, handle: str) -> list[Collaborator]:
        """Who takes part and who is invited; for those who may change the channel."""

        async def read(tx: Transaction) -> list[Collaborator]:
            channel = await self._channel(tx, handle)
            if not may_update_channel(viewer, channel):
                raise Forbidden("This video channel is not yours")
            return await collaborators.of_channel(tx, channel.id)

        return await self._database.read(read)

    async def mine(self, viewer: Viewer, state: CollaboratorState) -> list[tuple[int, Channel]]:
        """The channels that the viewer was invited to, or takes part in, each with the id of that."""
        return await self._database.read(collaborators.channels_of, viewer.user.account_id, state)

    async def invite(self, viewer: Viewer, handle: str, account: str) -> Collaborator:
        """Invite somebody of this pod; the owner of the channel may.

        :raises Conflict: somebody who takes part already, or is invited.
        """
        try:
            return await self._database.write(self._invite, viewer, handle, account)
        except UniqueViolation as error:
            raise Conflict("This account takes part in the channel or is invited already") from error

    async def accept(self, viewer: Viewer, handle: str, collaborator_id: int) -> None:
        """Take part, after an invitation."""
        await self._database.write(self._accept, viewer, handle, collaborator_id)

    async def reject(self, viewer: Viewer, handle: str, collaborator_id: int) -> None:
        """Do not take part."""
        await self._database.write(self._reject, viewer, handle, collaborator_id)

    async def remove(self, viewer: Viewer, handle: str, collaborator_id: int) -> None:
        """Let somebody take part no more: the owner of the channel may, and whom it is about."""
        await self._database.write(self._remove, viewer, handle, collaborator_id)

    async def _invite(self, tx: Transaction, viewer: Viewer, handle: str, account: str) -> Collaborator:
        channel = await self._channel(tx, handle)
        if not may_own_channel(viewer, channel):
            raise Forbidden("This video channel is not yours")
        host, name = self._handles.split(account)
        invited = await accounts.by_name(tx, host, name) if host == LOCAL else None
        if invited is None or invited.user_id is None:
            raise _wrong_account("Should be an account of this server")
        if invited.id == channel.account_id:
            raise _wrong_account("Owns the channel")
        if len(await collaborators.of_channel(tx, channel.id)) >= MAXIMUM_COLLABORATORS:
            raise Conflict(f"No more than {MAXIMUM_COLLABORATORS} accounts can take part in a channel")
        made = await collaborators.by_id(tx, await collaborators.add(tx, channel.id, invited.id, self._clock.now_ms()))
        assert made is not None
        return made

    async def _accept(self, tx: Transaction, viewer: Viewer, handle: str, collaborator_id: int) -> None:
        found = await self._invitation(tx, viewer, handle, collaborator_id)
        await collaborators.accept(tx, found.id, self._clock.now_ms())
        self._tell(tx, viewer.user.id)

    async def _reject(self, tx: Transaction, viewer: Viewer, handle: str, collaborator_id: int) -> None:
        found = await self._invitation(tx, viewer, handle, collaborator_id)
        await collaborators.remove(tx, found.id)

    async def _remove(self, tx: Transaction, viewer: Viewer, handle: str, collaborator_id: int) -> None:
        channel = await self._channel(tx, handle)
        found = await self._found(tx, channel, collaborator_id)
        if not may_own_channel(viewer, channel) and found.account.id != viewer.user.account_id:
            raise Forbidden("Only the owner of the channel and whoever takes part can end that")
        await collaborators.remove(tx, found.id)
        if found.account.user_id is not None:
            self._tell(tx, found.account.user_id)

    async def _invitation(self, tx: Transaction, viewer: Viewer, handle: str, collaborator_id: int) -> Collaborator:
        found = await self._found(tx, await self._channel(tx, handle), collaborator_id)
        if found.account.id != viewer.user.account_id:
            raise Forbidden("This invitation is for somebody else")
        if found.state is not CollaboratorState.PENDING:
            raise Conflict("This invitation was answered already")
        return found

    async def _found(self, tx: Transaction, channel: Channel, collaborator_id: int) -> Collaborator:
        found = await collaborators.by_id(tx, collaborator_id)
        if found is None or found.channel_id != channel.id:
            raise NotFound("There is no such collaborator of this channel")
        return found

    async def _channel(self, tx: Transaction, handle: str) -> Channel:
        host, name = self._handles.split(handle)
        channel = await channels.by_name(tx, host, name)
        if channel is None:
            raise NotFound("Video channel not found")
        return channel

    def _tell(self, tx: Transaction, user_id: int) -> None:
        """What a user may do changed: every process hears of it."""
        tx.after_commit(lambda: self._publisher.publish(topics.USERS, {"changed": [user_id]}))


def _wrong_account(text: str) -> Invalid:
    return Invalid("Incorrect request parameters: accountHandle", fields={"accountHandle": text})
