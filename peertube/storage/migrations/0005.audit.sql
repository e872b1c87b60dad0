-- Who of the staff did what, for GET /server/audit-logs. detail: JSON.

create table audit (
    id <id>,
    username text not null,
    domain text not null,
    action text not null,
    detail text not null,
    created_ms bigint not null
);
create index audit_by_time on audit (created_ms);
