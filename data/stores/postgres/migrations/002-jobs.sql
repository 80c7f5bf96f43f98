-- Jobs that any machine may work on: the record of a job, and its pieces, which workers take one by one. pg-boss (schema
-- lesionloop_jobs) only says which piece is next; what counts stands here.
alter table lesionloop.jobs
  -- 'cancel' where somebody asked for it and a worker has not stopped yet.
  add column wanted text,
  -- Pieces of one stage are done side by side; when the last has ended, `next` is put in as the stage after.
  add column stage integer not null default 0,
  -- Pieces of the stage, and those of them that have not ended.
  add column pieces integer not null default 0,
  add column open_pieces integer not null default 0,
  -- What the stage does, in words, where it has more than one piece.
  add column stage_title text,
  add column next json;

create table lesionloop.pieces (
  workspace integer not null references lesionloop.workspaces (id),
  id bigint generated always as identity primary key,
  job text not null,
  stage integer not null,
  -- Which part of the program does it, and which workers may take it.
  step text not null,
  kind text not null,
  gpu boolean not null,
  name text not null,
  data json not null,
  -- waiting, running, done, put-aside
  state text not null default 'waiting',
  -- Grows each time that it is taken: whoever holds an earlier number writes nothing any more.
  attempt integer not null default 0,
  -- Times that it failed or its worker died.
  tries integer not null default 0,
  worker uuid,
  -- pg-boss's job that hands it out, and that job's queue; none yet where too many wait before it.
  ticket uuid,
  lane text,
  result json,
  error json
);
create index pieces_job on lesionloop.pieces (workspace, job, stage, id);
create index pieces_worker on lesionloop.pieces (worker) where worker is not null;
create index pieces_waiting on lesionloop.pieces (workspace, kind) where state = 'waiting';

create table lesionloop.workers (
  workspace integer not null references lesionloop.workspaces (id),
  id uuid primary key,
  host text not null,
  pid integer not null,
  kinds text[] not null,
  gpu boolean not null,
  version text not null,
  started_at timestamptz not null default now(),
  -- A worker that has been silent for long is taken for dead, and what it held is given to others.
  beat_at timestamptz not null default now()
);
create index workers_beat on lesionloop.workers (workspace, beat_at);

-- Which documents' records were written, the last ones with the highest numbers: workers that mine side by side read
-- again what others wrote, and nothing else.
create sequence lesionloop.document_write;
create table lesionloop.document_writes (
  workspace integer not null references lesionloop.workspaces (id),
  document text not null,
  number bigint not null default nextval('lesionloop.document_write'),
  primary key (workspace, document)
);
create index document_writes_number on lesionloop.document_writes (workspace, number);
