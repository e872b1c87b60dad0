-- What users watched, and what viewers did with the videos of this pod.

create table video_history (
    user_id bigint not null references users (id) on delete cascade,
    video_id bigint not null references videos (id) on delete cascade,
    position integer not null,
    updated_ms bigint not null,
    primary key (user_id, video_id)
);
create index video_history_by_time on video_history (user_id, updated_ms);
create index video_history_by_video on video_history (video_id);

-- Nothing of one viewer: sums of a period of `hours` (1, 24 or 720) that begins at `first_hour`, in hours since 1970.
-- Old hours are added up to days, old days to thirty of them.
create table watch_periods (
    video_id bigint not null references videos (id) on delete cascade,
    hours integer not null,
    first_hour integer not null,
    viewers bigint not null,
    watched_seconds bigint not null,
    peak integer not null,
    peak_ms bigint not null,
    primary key (video_id, hours, first_hour)
);
create index watch_periods_by_age on watch_periods (hours, first_hour);

-- kind: client, device or system; name: one of a fixed list. Days since 1970.
create table watch_agents (
    video_id bigint not null references videos (id) on delete cascade,
    day integer not null,
    kind text not null,
    name text not null,
    viewers bigint not null,
    primary key (video_id, day, kind, name)
);
create index watch_agents_by_age on watch_agents (day);

-- counts: a JSON list of how many of `viewers` saw each stretch of `stretch_seconds`.
create table watch_retention (
    video_id bigint not null references videos (id) on delete cascade,
    stretch_seconds integer not null,
    viewers bigint not null,
    counts text not null,
    primary key (video_id)
);
