-- Uploads in chunks: a row from the first request until a day after the last one.
-- received: how many bytes are on the disk for good. kept: the names (JSON) under which the finished file is kept,
-- written before anything is moved. fingerprint: the file as its owner's program knows it, null when it does not say.

create table resumable_uploads (
    id text primary key,
    user_id bigint not null references users (id) on delete cascade,
    video_id bigint references videos (id) on delete cascade,
    fingerprint text,
    filename text not null,
    channel_id bigint not null,
    metadata text not null,
    size bigint not null,
    received bigint not null,
    file_name text not null,
    thumbnail_name text,
    preview_name text,
    kept text,
    created_ms bigint not null,
    updated_ms bigint not null
);
create unique index resumable_uploads_by_fingerprint on resumable_uploads (user_id, fingerprint)
    where video_id is null and fingerprint is not null;
create index resumable_uploads_by_user on resumable_uploads (user_id);
create index resumable_uploads_by_video on resumable_uploads (video_id) where video_id is not null;
create index resumable_uploads_by_age on resumable_uploads (updated_ms);
