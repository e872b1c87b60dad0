-- An index of words for searches: which words each video and channel has, and how much each weighs (policy.search_words).
-- search_variants: each known word with one letter left out, by which typing errors are found.
-- indexed: 0 for rows whose words are to be noted (again); the job index-search does that in steps.

create table search_words (
    word text not null primary key
) <clustered>;

create table search_variants (
    variant text not null,
    word text not null,
    primary key (variant, word)
) <clustered>;

create table video_words (
    video_id bigint not null references videos (id) on delete cascade,
    word text not null,
    weight integer not null,
    standing bigint not null,
    primary key (video_id, word)
) <clustered>;
create index video_words_by_word on video_words (word, weight desc, standing desc, video_id desc);

create table channel_words (
    channel_id bigint not null references channels (id) on delete cascade,
    word text not null,
    weight integer not null,
    primary key (channel_id, word)
) <clustered>;
create index channel_words_by_word on channel_words (word, channel_id);

alter table videos add column indexed integer not null default 0;
create index videos_to_index on videos (id) where indexed = 0;
alter table channels add column indexed integer not null default 0;
create index channels_to_index on channels (id) where indexed = 0;

insert into jobs (kind, payload, state, priority, attempts, maximum_attempts, run_at_ms, fence, progress, created_ms,
    updated_ms)
select 'index-search', '{}', 'waiting', 0, 0, 8, 0, 0, 0, max(created_ms), max(created_ms) from channels
having count(*) > 0;
