"""The pictures of accounts, channels and the pod: which are in use. Their files are named after them."""

from collections.abc import Sequence

from peertube.model.actor_images import ActorImage, ImageKind, file_names, stem_of
from peertube.storage.database import Transaction
from peertube.storage.query import Query

_SET_ACCOUNT_AVATAR = Query("update accounts set avatar = :stem, avatar_ms = :created_ms where id = :id")
_SET_OF_CHANNEL = {
    ImageKind.AVATAR: Query("update channels set avatar = :stem, avatar_ms = :created_ms where id = :id"),
    ImageKind.BANNER: Query("update channels set banner = :stem, banner_ms = :created_ms where id = :id"),
}
_OF_INSTANCE = Query("select kind, stem, created_ms from instance_pictures")
_REMOVE_OF_INSTANCE = Query("delete from instance_pictures where kind = :kind")
_ADD_OF_INSTANCE = Query("insert into instance_pictures (kind, stem, created_ms) values (:kind, :stem, :created_ms)")
_NAMED = Query(
    """
    select avatar as stem from accounts where avatar in $list(stems)
    union select avatar from channels where avatar in $list(stems)
    union select banner from channels where banner in $list(stems)
    union select stem from instance_pictures where stem in $list(stems)
    """
)
_ALL = Query(
    """
    select avatar as stem, 'avatar' as kind, uuid, display_name as title from accounts where avatar is not null
    union all select avatar, 'avatar', uuid, display_name from channels where avatar is not null
    union all select banner, 'banner', uuid, display_name from channels where banner is not null
    union all select stem, kind, '', '' from instance_pictures
    """
)


async def set_of_account(tx: Transaction, account_id: int, image: ActorImage | None) -> None:
    """Give an account another avatar, or none."""
    await tx.run(_SET_ACCOUNT_AVATAR, id=account_id, **_columns(image))


async def set_of_channel(tx: Transaction, channel_id: int, kind: ImageKind, image: ActorImage | None) -> None:
    """Give a channel another avatar or banner, or none."""
    await tx.run(_SET_OF_CHANNEL[kind], id=channel_id, **_columns(image))


async def of_instance(tx: Transaction) -> dict[ImageKind, ActorImage]:
    """The pictures of the pod itself."""
    return {ImageKind(row["kind"]): ActorImage(row["stem"], row["created_ms"]) for row in await tx.all(_OF_INSTANCE)}


async def set_of_instance(tx: Transaction, kind: ImageKind, image: ActorImage | None) -> None:
    """Give the pod another avatar or banner, or none."""
    await tx.run(_REMOVE_OF_INSTANCE, kind=kind.value)
    if image is not None:
        await tx.run(_ADD_OF_INSTANCE, kind=kind.value, stem=image.stem, created_ms=image.created_ms)


async def named(tx: Transaction, names: Sequence[str]) -> set[str]:
    """Which of the files belong to pictures in use."""
    stems = sorted({stem_of(name) for name in names})
    known = {row["stem"] for row in await tx.all(_NAMED, stems=stems)}
    return {name for name in names if stem_of(name) in known}


async def everything(tx: Transaction) -> list[tuple[str, str, str]]:
    """Each file of each picture in use, with the uuid and the name of whom it shows (empty for the pod)."""
    return [
        (name, row["uuid"], row["title"])
        for row in await tx.all(_ALL)
        for name in file_names(row["stem"], ImageKind(row["kind"]))
    ]


def _columns(image: ActorImage | None) -> dict[str, object]:
    return {"stem": None if image is None else image.stem, "created_ms": None if image is None else image.created_ms}
