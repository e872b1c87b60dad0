-- Videos: passwords, when their privacy changes by itself, what makes them sensitive, the file they were made of.
-- sealed: the password, encrypted with a key that is not in the database; digest: a keyed hash of it.
-- replaces (of an upload): the number of the video whose file the upload replaces.

create table video_passwords (
    id <id>,
    video_id bigint not null references videos (id) on delete cascade,
    sealed text not null,
    digest text not null,
    created_ms bigint not null,
    updated_ms bigint not null
);
create unique index video_passwords_by_digest on video_passwords (video_id, digest);

create table video_sources (
    video_id bigint primary key references videos (id) on delete cascade,
    filename text not null,
    file_name text not null,
    resolution integer not null,
    width integer not null,
    height integer not null,
    fps integer not null,
    size bigint not null,
    created_ms bigint not null
);

alter table videos add column nsfw_flags integer not null default 0;
alter table videos add column nsfw_summary text;
alter table videos add column schedule_ms bigint;
alter table videos add column schedule_privacy integer;
alter table videos add column input_file_updated_ms bigint;
create index videos_listed_to_users on videos (published_ms desc, id desc) where privacy in (1, 4) and state = 1;

alter table resumable_uploads add column passwords text;
alter table resumable_uploads add column replaces bigint;
