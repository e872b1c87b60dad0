-- Who writes to the file of an upload in chunks: each request that goes on with it takes the next number, and what a
-- request with an earlier one has written does not count any more.

alter table resumable_uploads add column writer bigint not null default 0;
