-- What a workspace of a million cases is asked for all the time, kept up with each case that changes.
alter table lesionloop.cases
  -- What the case adds to the numbers (case-share.ts); null until a process of this version has looked at the case.
  add column share text collate "C",
  -- Its picture: cases of one picture are doubles.
  add column image text collate "C",
  -- Name of the table or dataset of which it is a row, where it has no document of its own.
  add column table_name text collate "C";
create index cases_unshared on lesionloop.cases (workspace) where share is null;
create index cases_image on lesionloop.cases (workspace, image) include (retired);
create index cases_table on lesionloop.cases (workspace, table_name, sort_key, figure, place, id)
  where table_name is not null;

-- Pages far down a list are counted off in the index alone.
drop index lesionloop.cases_order;
create index cases_order on lesionloop.cases (workspace, sort_key, figure, place, id) include (is_ct);

-- The few that a filter asks for among a million.
create index cases_disagreement on lesionloop.cases (workspace, sort_key, figure, place, id) where disagreement;
create index cases_discuss on lesionloop.cases (workspace, sort_key, figure, place, id) where discuss;
create index cases_uncertain on lesionloop.cases (workspace, sort_key, figure, place, id) where uncertain;
create index cases_assigned on lesionloop.cases (workspace, sort_key, figure, place, id) where assigned <> '{}';

-- How many cases have a share: what the rows of one share come to together. Who changes cases adds rows and touches none,
-- so that nobody waits for another here; now and then a reader puts the rows of a share together.
create table lesionloop.case_sums (
  workspace integer not null references lesionloop.workspaces (id),
  share text collate "C" not null,
  cases bigint not null
);
create index case_sums_workspace on lesionloop.case_sums (workspace);

create function lesionloop.sum_put() returns trigger language plpgsql as $$
begin
  insert into lesionloop.case_sums
    select workspace, share, count(*) from now_there where share is not null group by workspace, share;
  return null;
end $$;
create function lesionloop.sum_gone() returns trigger language plpgsql as $$
begin
  insert into lesionloop.case_sums
    select workspace, share, -count(*) from was_there where share is not null group by workspace, share;
  return null;
end $$;
create function lesionloop.sum_changed() returns trigger language plpgsql as $$
begin
  insert into lesionloop.case_sums
    select workspace, share, sum(n) from (
      select workspace, share, 1 as n from now_there
      union all
      select workspace, share, -1 from was_there
    ) turned where share is not null group by workspace, share having sum(n) <> 0;
  return null;
end $$;
create trigger cases_put after insert on lesionloop.cases
  referencing new table as now_there for each statement execute function lesionloop.sum_put();
create trigger cases_gone after delete on lesionloop.cases
  referencing old table as was_there for each statement execute function lesionloop.sum_gone();
create trigger cases_changed after update on lesionloop.cases
  referencing old table as was_there new table as now_there
  for each statement execute function lesionloop.sum_changed();

-- Of a long queue a server asks for the decided ones, which are few.
create index queue_decided on lesionloop.queue (workspace, cycle, place) where not is_open;
