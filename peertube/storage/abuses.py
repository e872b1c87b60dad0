"""Rows of reports about videos."""

import json

from peertube.model.abuses import Abuse, AbuseFilter, AbuseReason, AbuseState, NewAbuse
from peertube.model.pages import Listing, Window
from peertube.storage.database import Row, Transaction
from peertube.storage.query import Query

_ADD = Query(
    """
    insert into abuses (uuid, host, reporter_id, reporter_name, video_id, video_uuid, video_name, video_host, reason,
        predefined_reasons, start_at, end_at, state, created_ms, updated_ms)
    values (:uuid, :host, :reporter_id, :reporter_name, :video_id, :video_uuid, :video_name, :video_host, :reason,
        :predefined_reasons, :start_at, :end_at, 1, :now_ms, :now_ms)
    on conflict (host, uuid) do nothing
    """
)
_ID = Query("select id from abuses where host = :host and uuid = :uuid")
_COLUMNS = Query(
    """
    select id, uuid, host, reporter_id, reporter_name, video_id, video_uuid, video_name, video_host, reason,
        predefined_reasons, start_at, end_at, state, moderation_comment, created_ms, updated_ms,
        (select count(*) from abuse_messages m where m.abuse_id = abuses.id) as messages
    """
)
_FROM = Query("from abuses where 1 = 1")
_WITH_ID = Query("and id = :id")
_STATE = Query("and state = :state")
_REPORTER_ID = Query("and reporter_id = :reporter_id")
_PREDEFINED = Query("and predefined_reasons like :predefined escape '!'")
_DELETED = Query("and video_id is null")
_HOST = Query("and (host = :host or video_host = :host)")
_REPORTER = Query("and lower(reporter_name) like :reporter escape '!'")
_VIDEO = Query("and lower(video_name) like :video escape '!'")
_REPORTEE = Query(
    """
    and exists (
        select 1 from videos v join channels c on c.id = v.channel_id join accounts a on a.id = c.account_id
        where v.id = abuses.video_id
            and (lower(a.name) like :reportee escape '!' or lower(a.display_name) like :reportee escape '!')
    )
    """
)
_CHANNEL = Query(
    """
    and exists (
        select 1 from videos v join channels c on c.id = v.channel_id
        where v.id = abuses.video_id
            and (lower(c.name) like :channel escape '!' or lower(c.display_name) like :channel escape '!')
    )
    """
)
_TEXT = Query(
    """
    and (
        lower(video_name) like :text escape '!' or lower(reporter_name) like :text escape '!'
        or lower(reason) like :text escape '!' or host like :text escape '!' or video_host like :text escape '!'
        or exists (
            select 1 from videos v join channels c on c.id = v.channel_id join accounts a on a.id = c.account_id
            where v.id = abuses.video_id
                and (lower(a.name) like :text escape '!' or lower(c.display_name) like :text escape '!')
        )
    )
    """
)
_ORDER = {
    "id": Query("order by id"),
    "-id": Query("order by id desc"),
    "createdAt": Query("order by created_ms, id"),
    "-createdAt": Query("order by created_ms desc, id desc"),
    "state": Query("order by state, id"),
    "-state": Query("order by state desc, id desc"),
}
SORTS = frozenset(_ORDER)
"""What `listing` can sort by."""

_COUNT = Query("select count(*) as total")
_PAGE = Query("limit :count offset :start")
_UPDATE = Query(
    """
    update abuses set state = :state, moderation_comment = :moderation_comment, updated_ms = :now_ms where id = :id
    """
)
_REMOVE = Query("delete from abuses where id = :id")
_OF_HOST_SINCE = Query("select count(*) as total from abuses where host = :host and created_ms >= :since_ms")


def _load(row: Row) -> Abuse:
    report = NewAbuse(
        uuid=row["uuid"],
        host=row["host"],
        reporter_id=row["reporter_id"],
        reporter_name=row["reporter_name"],
        video_id=row["video_id"],
        video_uuid=row["video_uuid"],
        video_name=row["video_name"],
        video_host=row["video_host"],
        reason=row["reason"],
        predefined_reasons=tuple(AbuseReason(name) for name in json.loads(row["predefined_reasons"])),
        start_at=row["start_at"],
        end_at=row["end_at"],
    )
    return Abuse(
        id=row["id"],
        report=report,
        state=AbuseState(row["state"]),
        moderation_comment=row["moderation_comment"],
        created_ms=row["created_ms"],
        updated_ms=row["updated_ms"],
        messages=row["messages"],
    )


async def add(tx: Transaction, report: NewAbuse, now_ms: int) -> int:
    """Store a report; its id. One that is known already stays as it is."""
    await tx.run(
        _ADD,
        uuid=report.uuid,
        host=report.host,
        reporter_id=report.reporter_id,
        reporter_name=report.reporter_name,
        video_id=report.video_id,
        video_uuid=report.video_uuid,
        video_name=report.video_name,
        video_host=report.video_host,
        reason=report.reason,
        predefined_reasons=json.dumps([reason.value for reason in report.predefined_reasons]),
        start_at=report.start_at,
        end_at=report.end_at,
        now_ms=now_ms,
    )
    return int((await tx.one(_ID, host=report.host, uuid=report.uuid))["id"])


async def by_id(tx: Transaction, abuse_id: int) -> Abuse | None:
    """The report with this id."""
    row = await tx.maybe(_COLUMNS + _FROM + _WITH_ID, id=abuse_id)
    return None if row is None else _load(row)


async def listing(tx: Transaction, window: Window, wanted: AbuseFilter) -> Listing[Abuse]:
    """Some of the reports; `window.sort` is one of `SORTS`."""
    where = _FROM
    parameters: dict[str, object] = {}
    for query, name, given in _conditions(wanted):
        if given is not None:
            where, parameters = where + query, {**parameters, name: given}
    if wanted.deleted:
        where += _DELETED
    total = None if window.skip_count else int((await tx.one(_COUNT + where, **parameters))["total"])
    query = _COLUMNS + where + _ORDER[window.sort] + _PAGE
    rows = await tx.all(query, **parameters, count=window.count, start=window.start)
    return Listing(total=total, items=[_load(row) for row in rows])


def _conditions(wanted: AbuseFilter) -> list[tuple[Query, str, object]]:
    reason = None if wanted.predefined_reason is None else f'"{wanted.predefined_reason.value}"'
    return [
        (_WITH_ID, "id", wanted.abuse_id),
        (_STATE, "state", None if wanted.state is None else int(wanted.state)),
        (_REPORTER_ID, "reporter_id", wanted.reporter_id),
        (_HOST, "host", wanted.host),
        (_PREDEFINED, "predefined", None if reason is None else f"%{reason}%"),
        (_REPORTER, "reporter", _pattern(wanted.reporter)),
        (_REPORTEE, "reportee", _pattern(wanted.reportee)),
        (_VIDEO, "video", _pattern(wanted.video)),
        (_CHANNEL, "channel", _pattern(wanted.channel)),
        (_TEXT, "text", _pattern(wanted.text)),
    ]


def _pattern(part: str | None) -> str | None:
    if part is None:
        return None
    literal = part.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{literal}%"


async def update(
    tx: Transaction, abuse_id: int, *, state: AbuseState, moderation_comment: str | None, now_ms: int
) -> None:  # fmt: skip
    """Note what was decided."""
    await tx.run(_UPDATE, id=abuse_id, state=int(state), moderation_comment=moderation_comment, now_ms=now_ms)


async def remove(tx: Transaction, abuse_id: int) -> bool:
    """Forget a report; whether it was there."""
    return await tx.run(_REMOVE, id=abuse_id) == 1


async def of_host_since(tx: Transaction, host: str, since_ms: int) -> int:
    """How many reports came from a pod."""
    return int((await tx.one(_OF_HOST_SINCE, host=host, since_ms=since_ms))["total"])
