"""Sums of what viewers did with our videos. Old ones are added up, so that a video never has more than some hundred."""

import msgspec

from peertube.model.watching import DAY_HOURS, MONTH_HOURS, AgentKind, Gathered, Period, Retention
from peertube.storage.database import Transaction
from peertube.storage.query import Query

KEPT_HOURS = 14 * DAY_HOURS
"""How far back there are sums of hours; then of days."""

KEPT_DAYS = 400
"""How far back there are sums of days; then of thirty of them."""

_THERE = Query("select id from videos where id = :video_id")
_ADD_PERIOD = Query(
    """
    insert into watch_periods (video_id, hours, first_hour, viewers, watched_seconds, peak, peak_ms)
    values (:video_id, :hours, :first_hour, :viewers, :watched_seconds, :peak, :peak_ms)
    on conflict (video_id, hours, first_hour) do update set viewers = watch_periods.viewers + excluded.viewers,
        watched_seconds = watch_periods.watched_seconds + excluded.watched_seconds,
        peak_ms = case when excluded.peak > watch_periods.peak then excluded.peak_ms else watch_periods.peak_ms end,
        peak = case when excluded.peak > watch_periods.peak then excluded.peak else watch_periods.peak end
    """
)
_ADD_AGENT = Query(
    """
    insert into watch_agents (video_id, day, kind, name, viewers) values (:video_id, :day, :kind, :name, :viewers)
    on conflict (video_id, day, kind, name) do update set viewers = watch_agents.viewers + excluded.viewers
    """
)
_RETENTION = Query("select stretch_seconds, viewers, counts from watch_retention where video_id = :video_id")
_SET_RETENTION = Query(
    """
    insert into watch_retention (video_id, stretch_seconds, viewers, counts)
    values (:video_id, :stretch_seconds, :viewers, :counts)
    on conflict (video_id) do update set stretch_seconds = excluded.stretch_seconds, viewers = excluded.viewers,
        counts = excluded.counts
    """
)
_PERIODS = Query(
    """
    select first_hour, hours, viewers, watched_seconds, peak, peak_ms from watch_periods
    where video_id = :video_id and first_hour + hours > :from_hour and first_hour <= :until_hour
    order by first_hour, hours
    """
)
_AGENTS = Query(
    """
    select kind, name, sum(viewers) as viewers from watch_agents
    where video_id = :video_id and day <= :until_day
        and (day >= :from_day or (day % 30 = 0 and day + 30 > :from_day))
    group by kind, name order by sum(viewers) desc, name
    """
)
_OLD_PERIODS = Query(
    """
    select video_id, first_hour, viewers, watched_seconds, peak, peak_ms from watch_periods
    where hours = :hours and first_hour < :before_hour order by first_hour limit 1000
    """
)
_REMOVE_PERIOD = Query(
    "delete from watch_periods where video_id = :video_id and hours = :hours and first_hour = :first_hour"
)
_OLD_AGENTS = Query(
    """
    select video_id, day, kind, name, viewers from watch_agents
    where day < :before_day and day % 30 <> 0 order by day limit 1000
    """
)
_REMOVE_AGENT = Query(
    "delete from watch_agents where video_id = :video_id and day = :day and kind = :kind and name = :name"
)


async def add(tx: Transaction, video_id: int, gathered: Gathered) -> None:
    """Add to the sums of a video; nothing happens when it is gone."""
    if await tx.maybe(_THERE, video_id=video_id) is None:
        return
    await tx.many(_ADD_PERIOD, [_of_period(video_id, period) for period in gathered.periods])
    if gathered.agents:
        await tx.many(
            _ADD_AGENT,
            [
                {"video_id": video_id, "day": day, "kind": kind.value, "name": name, "viewers": viewers}
                for (day, kind, name), viewers in gathered.agents.items()
            ],
        )
    known = await retention(tx, video_id)
    merged = _merged(known, gathered.retention)
    await tx.run(
        _SET_RETENTION,
        video_id=video_id,
        stretch_seconds=merged.stretch_seconds,
        viewers=merged.viewers,
        counts=msgspec.json.encode(merged.counts).decode(),
    )


async def periods(tx: Transaction, video_id: int, from_hour: int, until_hour: int) -> list[Period]:
    """The sums that touch a time (hours since 1970, both included), oldest first."""
    rows = await tx.all(_PERIODS, video_id=video_id, from_hour=from_hour, until_hour=until_hour)
    return [Period(**row) for row in rows]


async def agents(tx: Transaction, video_id: int, from_day: int, until_day: int) -> dict[AgentKind, dict[str, int]]:
    """How many viewers watched with what between two days since 1970, both included; most first."""
    found: dict[AgentKind, dict[str, int]] = {kind: {} for kind in AgentKind}
    for row in await tx.all(_AGENTS, video_id=video_id, from_day=from_day, until_day=until_day):
        found[AgentKind(row["kind"])][row["name"]] = int(row["viewers"])
    return found


async def retention(tx: Transaction, video_id: int) -> Retention | None:
    """How many viewers saw which part; None when nobody has watched."""
    row = await tx.maybe(_RETENTION, video_id=video_id)
    if row is None:
        return None
    counts = tuple(msgspec.json.decode(row["counts"], type=list[int]))
    return Retention(row["stretch_seconds"], row["viewers"], counts)


async def roll_up(tx: Transaction, now_hour: int) -> int:
    """Add up some of what is old; how many rows went into others. To be called again until there are none."""
    done = await _roll_periods(tx, 1, DAY_HOURS, now_hour - KEPT_HOURS)
    done += await _roll_periods(tx, DAY_HOURS, MONTH_HOURS, now_hour - KEPT_DAYS * DAY_HOURS)
    return done + await _roll_agents(tx, now_hour // DAY_HOURS - KEPT_DAYS)


async def _roll_periods(tx: Transaction, hours: int, into: int, before_hour: int) -> int:
    rows = await tx.all(_OLD_PERIODS, hours=hours, before_hour=before_hour - before_hour % into)
    if rows:
        larger = [{**row, "hours": into, "first_hour": row["first_hour"] - row["first_hour"] % into} for row in rows]
        await tx.many(_ADD_PERIOD, larger)
        await tx.many(
            _REMOVE_PERIOD,
            [{"video_id": row["video_id"], "hours": hours, "first_hour": row["first_hour"]} for row in rows],
        )
    return len(rows)


async def _roll_agents(tx: Transaction, before_day: int) -> int:
    rows = await tx.all(_OLD_AGENTS, before_day=before_day - before_day % 30)
    if rows:
        await tx.many(_ADD_AGENT, [{**row, "day": row["day"] - row["day"] % 30} for row in rows])
        keys = ("video_id", "day", "kind", "name")
        await tx.many(_REMOVE_AGENT, [{key: row[key] for key in keys} for row in rows])
    return len(rows)


def _merged(known: Retention | None, more: Retention) -> Retention:
    """Both together; what was counted for another length of the video is left behind."""
    if known is None or known.stretch_seconds != more.stretch_seconds or len(known.counts) != len(more.counts):
        return more
    counts = tuple(one + other for one, other in zip(known.counts, more.counts, strict=True))
    return Retention(known.stretch_seconds, known.viewers + more.viewers, counts)


def _of_period(video_id: int, period: Period) -> dict[str, object]:
    return {
        "video_id": video_id,
        "hours": period.hours,
        "first_hour": period.first_hour,
        "viewers": period.viewers,
        "watched_seconds": period.watched_seconds,
        "peak": period.peak,
        "peak_ms": period.peak_ms,
    }
