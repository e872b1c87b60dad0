-- What belongs to a video beside its files. Names are those of files in storage.captions and storage.storyboards.

create table video_captions (
    video_id bigint not null references videos (id) on delete cascade,
    language text not null,
    file_name text not null,
    automatically_generated integer not null,
    updated_ms bigint not null,
    primary key (video_id, language)
);
create unique index video_captions_by_name on video_captions (file_name);

-- Only what the owner set or the file held; without rows, the chapters are those that the description names.
create table video_chapters (
    video_id bigint not null references videos (id) on delete cascade,
    timecode integer not null,
    title text not null,
    primary key (video_id, timecode)
);

create table storyboards (
    video_id bigint not null references videos (id) on delete cascade,
    file_name text not null,
    total_width integer not null,
    total_height integer not null,
    sprite_width integer not null,
    sprite_height integer not null,
    sprite_seconds integer not null,
    primary key (video_id)
);
create unique index storyboards_by_name on storyboards (file_name);
