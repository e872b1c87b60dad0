-- The tables of the walking skeleton. <id> becomes the engine's own "grows by itself" primary key.
-- Times are integer milliseconds since 1970 UTC; booleans are 0 or 1; JSON is text; host '' means this pod.

create table settings (
    key text primary key,
    value text not null
);

create table accounts (
    id <id>,
    uuid text not null,
    host text not null,
    user_id bigint,
    name text not null,
    display_name text not null,
    description text,
    created_ms bigint not null,
    updated_ms bigint not null
);
create unique index accounts_by_origin on accounts (host, uuid);
create unique index accounts_by_name on accounts (host, name) where host = '';
create unique index accounts_by_user on accounts (user_id) where user_id is not null;

create table users (
    id <id>,
    username text not null,
    email text not null,
    email_verified integer not null,
    password_hash text not null,
    role integer not null,
    may_upload integer not null,
    video_quota bigint not null,
    video_quota_daily bigint not null,
    blocked integer not null,
    blocked_reason text,
    preferences text not null,
    created_ms bigint not null,
    updated_ms bigint not null,
    last_login_ms bigint
);
create unique index users_by_username on users (username);
create unique index users_by_email on users (email);

create table sessions (
    id <id>,
    user_id bigint not null references users (id) on delete cascade,
    kind text not null,
    token_hash text not null,
    family_hash text not null,
    created_ms bigint not null,
    access_expires_ms bigint not null,
    expires_ms bigint not null,
    address text not null,
    user_agent text not null
);
create unique index sessions_by_token on sessions (token_hash);
create index sessions_by_family on sessions (family_hash);
create index sessions_by_user on sessions (user_id);
create index sessions_by_expiry on sessions (expires_ms);

create table channels (
    id <id>,
    uuid text not null,
    host text not null,
    account_id bigint not null references accounts (id) on delete cascade,
    name text not null,
    display_name text not null,
    description text,
    support text,
    created_ms bigint not null,
    updated_ms bigint not null
);
create unique index channels_by_origin on channels (host, uuid);
create unique index channels_by_name on channels (host, name) where host = '';
create index channels_by_account on channels (account_id);

create table videos (
    id <id>,
    uuid text not null,
    host text not null,
    channel_id bigint not null references channels (id) on delete cascade,
    name text not null,
    category integer,
    licence integer,
    language text,
    privacy integer not null,
    description text,
    support text,
    nsfw integer not null,
    comments_policy integer not null,
    download_enabled integer not null,
    wait_transcoding integer not null,
    state integer not null,
    duration integer not null,
    aspect_ratio double precision,
    views bigint not null,
    likes bigint not null,
    dislikes bigint not null,
    thumbnail_name text,
    preview_name text,
    preview_url text,
    trackers text not null,
    search_text text not null,
    version bigint not null,
    created_ms bigint not null,
    updated_ms bigint not null,
    published_ms bigint not null,
    originally_published_ms bigint
);
create unique index videos_by_uuid on videos (uuid);
create index videos_by_channel on videos (channel_id);
create index videos_by_host on videos (host);
create index videos_by_thumbnail on videos (thumbnail_name) where thumbnail_name is not null;
create index videos_by_preview on videos (preview_name) where preview_name is not null;
create index videos_listed_by_date on videos (published_ms desc, id desc) where privacy = 1 and state = 1;
create index videos_listed_by_views on videos (views desc, id desc) where privacy = 1 and state = 1;

create table video_tags (
    video_id bigint not null references videos (id) on delete cascade,
    position integer not null,
    tag text not null,
    folded text not null,
    primary key (video_id, position)
);
create index video_tags_by_tag on video_tags (folded);

create table video_files (
    id <id>,
    video_id bigint not null references videos (id) on delete cascade,
    resolution integer not null,
    width integer not null,
    height integer not null,
    fps integer not null,
    extname text not null,
    size bigint not null,
    has_audio integer not null,
    has_video integer not null,
    info_hash text,
    file_name text,
    torrent_name text,
    file_url text,
    torrent_url text,
    created_ms bigint not null
);
create index video_files_by_video on video_files (video_id);
create index video_files_by_info_hash on video_files (info_hash);
create unique index video_files_by_name on video_files (file_name) where file_name is not null;
create unique index video_files_by_torrent on video_files (torrent_name) where torrent_name is not null;

create table video_views (
    video_id bigint not null references videos (id) on delete cascade,
    day integer not null,
    views bigint not null,
    primary key (video_id, day)
);
create index video_views_by_day on video_views (day);

create table ratings (
    user_id bigint not null references users (id) on delete cascade,
    video_id bigint not null references videos (id) on delete cascade,
    rating integer not null,
    updated_ms bigint not null,
    primary key (user_id, video_id)
);
create index ratings_by_video on ratings (video_id);

create table jobs (
    id <id>,
    kind text not null,
    payload text not null,
    state text not null,
    priority integer not null,
    attempts integer not null,
    maximum_attempts integer not null,
    run_at_ms bigint not null,
    lease_until_ms bigint,
    fence bigint not null,
    progress integer not null,
    error text,
    created_ms bigint not null,
    updated_ms bigint not null,
    finished_ms bigint
);
create index jobs_to_claim on jobs (priority, run_at_ms, id) where state = 'waiting';
create index jobs_by_state on jobs (state, id);

create table pods (
    id <id>,
    host text not null,
    email text not null,
    public_key text not null,
    protocol integer not null,
    state text not null,
    score integer not null,
    failures integer not null,
    next_try_ms bigint not null,
    last_success_ms bigint,
    last_error_ms bigint,
    last_error text,
    created_ms bigint not null
);
create unique index pods_by_host on pods (host);

create table deliveries (
    id <id>,
    pod_id bigint not null references pods (id) on delete cascade,
    kind text not null,
    object_uuid text not null,
    version bigint not null,
    body text,
    attempts integer not null,
    created_ms bigint not null
);
create unique index deliveries_by_object on deliveries (pod_id, kind, object_uuid);
create index deliveries_by_lane on deliveries (pod_id, id);

create table nonces (
    host text not null,
    nonce text not null,
    seen_ms bigint not null,
    primary key (host, nonce)
);
create index nonces_by_age on nonces (seen_ms);
