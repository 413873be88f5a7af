import type { FileFormat } from '@aisix-observability/pipeline';

/** "ledg". */
const APPLICATION_ID = 0x6c656467;

/** Version 2 has more columns. */
const MEMBERS = `
  CREATE TABLE members (
    seq INTEGER PRIMARY KEY, unit INTEGER NOT NULL, type TEXT NOT NULL, observed INTEGER NOT NULL, environment TEXT,
    from_at REAL NOT NULL, to_at REAL NOT NULL, revision INTEGER, value_hash TEXT, contest BLOB
  ) STRICT;
  CREATE INDEX members_by_time ON members (unit, to_at);
  CREATE INDEX members_by_revision ON members (unit, revision) WHERE revision IS NOT NULL;
  CREATE INDEX members_by_value ON members (unit, value_hash) WHERE value_hash IS NOT NULL;
  CREATE INDEX members_by_contest ON members (contest) WHERE contest IS NOT NULL;`;

/** Version 2 has it. */
const COMPUTED_VERDICTS = `
  CREATE TABLE computed_verdicts (
    change_id TEXT PRIMARY KEY, at REAL NOT NULL, seq INTEGER NOT NULL, value TEXT NOT NULL, verdict TEXT NOT NULL
  ) WITHOUT ROWID, STRICT;`;

/**
 * `rows` is the ledger; `observation_ids` says for ever what was taken, also of rows that retention dropped. All other
 * tables follow from the rows and are made anew by `rebuild`, but for the numbers of versions.
 *
 * - `nodes`, `names`: which resources are folded together (see `units.ts`), `members`: the rows of each unit; `contest`
 *   is the same for contents of one observation id
 * - `changes`: what the fold gives; `aliases`: earlier ids; `replaced`: ids that became another, as versions too
 * - `in_force`, `present`: what the catalogue needs beside the changes; `computed_verdicts`: what looks found of them
 */
export const LEDGER_FORMAT: FileFormat = {
  applicationId: APPLICATION_ID,
  version: 2,
  tables: `
  CREATE TABLE rows (
    seq INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    type TEXT NOT NULL,
    hash BLOB NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE observation_ids (
    id BLOB NOT NULL,
    nth INTEGER NOT NULL,
    content BLOB NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (id, nth)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;

  CREATE TABLE nodes (
    scope TEXT NOT NULL, kind TEXT NOT NULL, node TEXT NOT NULL, unit INTEGER NOT NULL,
    PRIMARY KEY (scope, kind, node)
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX nodes_by_unit ON nodes (unit);
  CREATE TABLE names (
    scope TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (scope, kind, name, id)
  ) WITHOUT ROWID, STRICT;
  ${MEMBERS}
  CREATE TABLE statuses (
    environment TEXT NOT NULL, data_plane TEXT NOT NULL, observed_at REAL NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (environment, data_plane, observed_at, seq)
  ) WITHOUT ROWID, STRICT;

  CREATE TABLE changes (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL UNIQUE, unit INTEGER NOT NULL,
    from_at REAL NOT NULL, to_at REAL NOT NULL, occurred_at REAL NOT NULL,
    environment TEXT, kind TEXT NOT NULL, resource_key TEXT NOT NULL, resource_id TEXT, name TEXT,
    previous_name TEXT, action TEXT NOT NULL, actor_id TEXT, actor_name TEXT, actor_type TEXT,
    state TEXT NOT NULL, trust TEXT NOT NULL, source TEXT NOT NULL, result TEXT NOT NULL, data_plane TEXT,
    conflict INTEGER NOT NULL, found_late INTEGER NOT NULL, verdict TEXT, revision INTEGER,
    change TEXT NOT NULL, before TEXT, after TEXT
  ) STRICT;
  CREATE INDEX changes_by_unit ON changes (unit, to_at);
  CREATE INDEX changes_by_time ON changes (occurred_at, id);
  CREATE INDEX changes_by_resource ON changes (environment, kind, resource_key, occurred_at);
  CREATE TABLE aliases (alias TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID, STRICT;
  CREATE INDEX aliases_by_id ON aliases (id);
  CREATE TABLE replaced (
    version INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, replaced_by TEXT
  ) STRICT;
  CREATE TABLE in_force (
    change_id TEXT NOT NULL, data_plane TEXT NOT NULL, environment TEXT NOT NULL, kind TEXT NOT NULL,
    resource_key TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (change_id, data_plane)
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX in_force_by_resource ON in_force (environment, data_plane, kind, resource_key, at);
  CREATE TABLE present (
    seq INTEGER PRIMARY KEY, environment TEXT NOT NULL, data_plane TEXT, held TEXT NOT NULL, kind TEXT NOT NULL,
    resource_key TEXT NOT NULL, at REAL NOT NULL
  ) STRICT;
  CREATE INDEX present_by_resource ON present (environment, kind, resource_key, at);
  ${COMPUTED_VERDICTS}
  CREATE TABLE gaps (
    feed_type TEXT NOT NULL, feed TEXT NOT NULL, scope TEXT NOT NULL, data_plane TEXT NOT NULL, from_at REAL NOT NULL,
    to_at REAL, reason TEXT NOT NULL, last_seq INTEGER NOT NULL, PRIMARY KEY (feed_type, feed, scope, data_plane, from_at)
  ) WITHOUT ROWID, STRICT;
  `,
};

/** Tables that `rebuild` empties; versions of changes are kept apart. */
export const DERIVED_TABLES = [
  'nodes',
  'names',
  'members',
  'statuses',
  'in_force',
  'present',
  'gaps',
  'aliases',
  'computed_verdicts',
];

/** SQL that brings the tables of version 1 forward; numbers of rows are filled in, and what follows is made anew, by the caller. */
export const FROM_VERSION_1 = `
  ALTER TABLE observation_ids ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
  DROP TABLE members;
  ${MEMBERS}
  ${COMPUTED_VERDICTS}
  PRAGMA user_version = 2`;
