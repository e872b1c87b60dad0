-- Pictures of accounts, channels and the pod itself; subscriptions; people who work together on channels and who hand
-- videos over to each other.

-- avatar, banner: how the names of the files of the present picture begin (peertube/model/actor_images.py), and since
-- when. followers: people and servers that follow. following: what the user of the account follows here.
-- directory: the category under which a channel stands in the directory.
alter table accounts add column avatar text;
alter table accounts add column avatar_ms bigint;
alter table accounts add column followers bigint not null default 0;
alter table accounts add column following bigint not null default 0;
alter table channels add column avatar text;
alter table channels add column avatar_ms bigint;
alter table channels add column banner text;
alter table channels add column banner_ms bigint;
alter table channels add column followers bigint not null default 0;
alter table channels add column directory integer;
create index accounts_by_avatar on accounts (avatar) where avatar is not null;
create index channels_by_avatar on channels (avatar) where avatar is not null;
create index channels_by_banner on channels (banner) where banner is not null;
create index channels_by_directory on channels (directory) where directory is not null;

-- kind: avatar or banner.
create table instance_pictures (
    kind text primary key,
    stem text not null,
    created_ms bigint not null
);

-- Whom or what a user follows: exactly one of channel_id, account_id (an author) and folded (a tag as it is compared;
-- tag is how the user spelled it).
create table subscriptions (
    id <id>,
    user_id bigint not null references users (id) on delete cascade,
    channel_id bigint references channels (id) on delete cascade,
    account_id bigint references accounts (id) on delete cascade,
    tag text,
    folded text,
    created_ms bigint not null
);
create index subscriptions_by_user on subscriptions (user_id, id);
create unique index subscriptions_to_channels on subscriptions (channel_id, user_id) where channel_id is not null;
create unique index subscriptions_to_accounts on subscriptions (account_id, user_id) where account_id is not null;
create unique index subscriptions_to_tags on subscriptions (user_id, folded) where folded is not null;

-- state: 1 invited, 2 accepted.
create table collaborators (
    id <id>,
    channel_id bigint not null references channels (id) on delete cascade,
    account_id bigint not null references accounts (id) on delete cascade,
    state integer not null,
    created_ms bigint not null,
    updated_ms bigint not null
);
create unique index collaborators_by_channel on collaborators (channel_id, account_id);
create index collaborators_by_account on collaborators (account_id);

-- state: WAITING, ACCEPTED or REFUSED.
create table ownership_changes (
    id <id>,
    video_id bigint not null references videos (id) on delete cascade,
    initiator_id bigint not null references accounts (id) on delete cascade,
    next_owner_id bigint not null references accounts (id) on delete cascade,
    state text not null,
    created_ms bigint not null
);
create unique index ownership_changes_waiting on ownership_changes (video_id) where state = 'WAITING';
create index ownership_changes_by_video on ownership_changes (video_id);
create index ownership_changes_by_next_owner on ownership_changes (next_owner_id, id);
create index ownership_changes_by_initiator on ownership_changes (initiator_id);
