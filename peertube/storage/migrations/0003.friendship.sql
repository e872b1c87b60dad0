-- What a network needs to keep itself: health, limits, counted events, reports, and what the admin should know.

-- failing_since_ms: the first failure of the row of failures that goes on; null while the pod is well.
-- last_heard_ms: the last request of the pod that was verified. muted_until_ms: until when nothing of it is taken.
-- our_key: which of our keys the pod has pinned (SHA-256 of its PEM); null for the one we had at first.
alter table pods add column failing_since_ms bigint;
alter table pods add column last_heard_ms bigint;
alter table pods add column muted_until_ms bigint not null default 0;
alter table pods add column ejected_ms bigint;
alter table pods add column our_key text;

-- Events of friends that were counted already, so that each is counted once however often it is told.
create table counted_events (
    host text not null,
    event_id text not null,
    seen_ms bigint not null,
    primary key (host, event_id)
);
create index counted_events_by_age on counted_events (seen_ms);

-- Reports about videos. host: the pod of the reporter, '' for a user of this pod. The video may be gone by now, so its
-- name and origin are kept; video_host is '' for a video of this pod.
create table abuses (
    id <id>,
    uuid text not null,
    host text not null,
    reporter_id bigint references accounts (id) on delete set null,
    reporter_name text not null,
    video_id bigint references videos (id) on delete set null,
    video_uuid text not null,
    video_name text not null,
    video_host text not null,
    reason text not null,
    predefined_reasons text not null,
    start_at integer,
    end_at integer,
    state integer not null,
    moderation_comment text,
    created_ms bigint not null,
    updated_ms bigint not null
);
create unique index abuses_by_origin on abuses (host, uuid);
create index abuses_by_reporter on abuses (reporter_id);
create index abuses_by_video on abuses (video_id);
create index abuses_by_state on abuses (state, id);

-- What the admin should know about.
create table admin_events (
    id <id>,
    kind text not null,
    subject text not null,
    detail text not null,
    created_ms bigint not null
);
create index admin_events_by_age on admin_events (created_ms);

-- Friendships that wait for somebody: direction 'in' for the admin of this pod, 'out' for that of the other one.
create table friend_proposals (
    host text not null,
    direction text not null,
    email text not null,
    public_key text not null,
    protocol integer not null,
    created_ms bigint not null,
    primary key (host, direction)
);
