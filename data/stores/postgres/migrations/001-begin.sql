-- Everything of lesionloop in a schema of its own; one database may hold several workspaces.
create table lesionloop.workspaces (
  id integer generated always as identity primary key,
  -- The name in the address (?workspace=NAME).
  name text not null unique,
  created_at timestamptz not null default now(),
  -- The last act's number and time. Whoever writes acts changes this row last, and so holds it until the commit:
  -- numbers come without a gap and become visible in their order.
  last_seq bigint not null default 0,
  last_at text collate "C" not null default '',
  -- Grows with every document that is put.
  cases_stamp bigint not null default 0,
  -- Set when it was moved to a folder: whoever still works on it is refused.
  moved_at timestamptz
);

-- Every human act, for ever: the journal's record, a column a field.
create table lesionloop.acts (
  workspace integer not null references lesionloop.workspaces (id),
  seq bigint not null,
  op text not null,
  at text not null,
  who text not null,
  case_id text collate "C" not null,
  base integer not null,
  act json not null,
  -- The figure in the case's id: acts on caption and panels reach all cases of a figure.
  figure text collate "C" not null,
  primary key (workspace, seq)
);
create unique index acts_op on lesionloop.acts (workspace, op);
create index acts_case on lesionloop.acts (workspace, case_id);
create index acts_figure on lesionloop.acts (workspace, figure);

-- A case as it was mined, and what filters ask of it as it stands: written in the transaction of the act.
create table lesionloop.cases (
  workspace integer not null references lesionloop.workspaces (id),
  -- Grows with every case that is put: the order in which they were given.
  number bigint generated always as identity,
  id text collate "C" not null,
  put text not null,
  document text,
  figure text collate "C" not null,
  sort_key text collate "C" not null,
  place integer not null,
  supersedes text[],
  mined json not null,
  version integer not null,
  is_ct boolean not null,
  retired boolean not null,
  -- Findings in the order GGO, Csld, CrPa, AirBr, InSepThi.
  findings text[] not null,
  labelled_by text[] not null,
  assigned text[] not null,
  disagreement boolean not null,
  discuss boolean not null,
  uncertain boolean not null,
  -- Caption as it stands, id and file name, in lower case.
  search text not null,
  primary key (workspace, id)
);
create index cases_order on lesionloop.cases (workspace, sort_key, figure, place, id);
create index cases_put on lesionloop.cases (workspace, put);
create index cases_document on lesionloop.cases (workspace, document, sort_key, figure, place, id);
create index cases_figure on lesionloop.cases (workspace, figure);
create index cases_labelled on lesionloop.cases (workspace, sort_key, figure, place, id)
  where labelled_by <> '{}';
create index cases_open on lesionloop.cases (workspace, sort_key, figure, place, id)
  where labelled_by = '{}' and is_ct;
create index cases_supersedes on lesionloop.cases using gin (supersedes) where supersedes is not null;

-- Words are found by their trigrams where the extension is to be had; without it a search reads every case.
do $$
begin
  create extension if not exists pg_trgm;
  create index cases_search on lesionloop.cases using gin (search gin_trgm_ops);
exception when others then
  raise notice 'pg_trgm is not to be had: searches read every case';
end $$;

-- What earlier puts of a document cut along lines drawn by hand: mining it again puts it without that.
create table lesionloop.cut_cases (
  workspace integer not null references lesionloop.workspaces (id),
  number bigint generated always as identity,
  put text not null,
  mined json not null,
  primary key (workspace, number)
);
create index cut_cases_put on lesionloop.cut_cases (workspace, put);

create table lesionloop.cycles (
  workspace integer not null references lesionloop.workspaces (id),
  id text not null,
  primary key (workspace, id)
);

-- The newest sealed cycle's queue.
create table lesionloop.queue (
  workspace integer not null references lesionloop.workspaces (id),
  cycle text not null,
  -- Place in the cycle's order, and among the cases to be read: the audit's first; null in the other queues.
  place integer not null,
  reading integer,
  queue text not null,
  case_id text collate "C" not null,
  -- Whether it stands here for the first time: a case may be in several queues.
  is_first boolean not null,
  entry json not null,
  is_open boolean not null,
  leased_to text,
  leased_until timestamptz,
  primary key (workspace, cycle, place)
);
create index queue_case on lesionloop.queue (workspace, case_id);
create index queue_reading on lesionloop.queue (workspace, cycle, reading) where is_open and reading is not null;
create index queue_lessee on lesionloop.queue (workspace, leased_to) where leased_to is not null;

create table lesionloop.accounts (
  workspace integer not null references lesionloop.workspaces (id),
  id text not null,
  name text not null,
  name_folded text not null,
  role text not null,
  created_at text not null,
  disabled_at text,
  number bigint generated always as identity,
  primary key (workspace, id)
);
create unique index accounts_name on lesionloop.accounts (workspace, name_folded);

create table lesionloop.jobs (
  workspace integer not null references lesionloop.workspaces (id),
  id text not null,
  started_at text collate "C" not null,
  job json not null,
  primary key (workspace, id)
);
create index jobs_started on lesionloop.jobs (workspace, started_at desc);

create table lesionloop.sessions (
  workspace integer not null references lesionloop.workspaces (id),
  hash text not null,
  account text not null,
  owner boolean not null,
  created_at text not null,
  expires_at text not null,
  primary key (workspace, hash)
);

create table lesionloop.links (
  workspace integer not null references lesionloop.workspaces (id),
  hash text not null,
  account text,
  made_at timestamptz not null default now(),
  expires_at text not null,
  primary key (workspace, hash)
);

-- Hashes with salt and cost, as the PHC string format writes them.
create table lesionloop.passwords (
  workspace integer not null references lesionloop.workspaces (id),
  account text not null,
  hash text not null,
  changed_at text not null,
  primary key (workspace, account)
);
