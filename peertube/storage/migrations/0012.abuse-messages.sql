-- What reporter and moderators say to each other about a report. account_id: who; null when the account is gone.
create table abuse_messages (
    id <id>,
    abuse_id bigint not null references abuses (id) on delete cascade,
    account_id bigint references accounts (id) on delete set null,
    by_moderator integer not null,
    message text not null,
    created_ms bigint not null
);
create index abuse_messages_by_abuse on abuse_messages (abuse_id, id);
create index abuse_messages_by_account on abuse_messages (account_id);
