-- How people get an account and keep it: mail on its way, codes in mails, requests for an account, two-factor
-- authentication, sessions that can be told apart.

-- Mails that the SMTP server has not taken yet; the job that sends one names it. sealed: recipient, kind and the words
-- that go into it, encrypted, for they may hold a code. message_id stays the same however often sending is tried.
create table mails (
    id <id>,
    message_id text not null,
    sealed text not null,
    created_ms bigint not null,
    expires_ms bigint not null
);
create index mails_by_expiry on mails (expires_ms);

-- Codes that prove something once: that an e-mail address is read (subject: a user or a request for an account), or
-- that a two-factor secret was asked for by this user. detail: what the code stands for, encrypted where it is secret.
create table user_codes (
    id <id>,
    purpose text not null,
    subject_id bigint not null,
    code_hash text not null,
    detail text not null,
    created_ms bigint not null,
    expires_ms bigint not null
);
create unique index user_codes_by_code on user_codes (code_hash);
create index user_codes_by_subject on user_codes (purpose, subject_id, id);
create index user_codes_by_expiry on user_codes (expires_ms);

-- Requests for an account. state: 1 pending, 2 rejected, 3 accepted.
create table registrations (
    id <id>,
    username text not null,
    email text not null,
    email_verified integer not null,
    password_hash text not null,
    reason text not null,
    display_name text,
    channel_name text,
    channel_display_name text,
    language text not null,
    state integer not null,
    moderation_response text,
    user_id bigint references users (id) on delete set null,
    created_ms bigint not null,
    updated_ms bigint not null
);
create unique index registrations_by_username on registrations (username) where state = 1;
create unique index registrations_by_email on registrations (email) where state = 1;
create index registrations_by_state on registrations (state, id);
create index registrations_by_user on registrations (user_id);

-- must_verify: no login before the address is confirmed. pending_email: what the address becomes when that is confirmed.
-- two_factor: the secret, encrypted; two_factor_step: the last 30 seconds whose code was used.
-- feed_generation: how often the token of feeds was renewed.
alter table users add column must_verify integer not null default 0;
alter table users add column pending_email text;
alter table users add column two_factor text;
alter table users add column two_factor_step bigint not null default 0;
alter table users add column admin_flags integer not null default 0;
alter table users add column feed_generation bigint not null default 0;

-- When, from where and with what the login was that a session came of; null for one from before this migration.
alter table sessions add column login_ms bigint;
alter table sessions add column login_address text;
alter table sessions add column login_user_agent text;
