-- When a job was claimed last: programs show it as the time at which its work began.

alter table jobs add column started_ms bigint;
