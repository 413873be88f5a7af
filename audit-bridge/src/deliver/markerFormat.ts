import type { FileFormat } from '@aisix-observability/pipeline';

/** "mark". */
const APPLICATION_ID = 0x6d61726b;

/**
 * - `meta`: the last version of a change that was dealt with, and where retention stands
 * - `markers`, `members`: what is drawn, and of which changes; `revision` grows with everything that can be seen of it
 * - `targets`: where it is drawn; `identity` tells a target that moved, whose ids mean nothing any more
 * - `annotations`: which annotation a marker is at a target; `attempted` before its id is known
 * - `work`: markers that have to be looked at again, per target: the outbox
 */
export const MARKER_FORMAT: FileFormat = {
  applicationId: APPLICATION_ID,
  version: 1,
  tables: `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE markers (
    id TEXT PRIMARY KEY, tag TEXT NOT NULL UNIQUE, environment TEXT, start_at INTEGER NOT NULL, end_at INTEGER NOT NULL,
    actors TEXT NOT NULL, revision INTEGER NOT NULL, withdrawn INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX markers_by_place ON markers (environment, end_at);
  CREATE INDEX markers_by_time ON markers (withdrawn, end_at);
  CREATE TABLE members (
    change_id TEXT PRIMARY KEY, marker TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT, kind TEXT NOT NULL,
    action TEXT NOT NULL, outcome TEXT NOT NULL, name TEXT, previous_name TEXT
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX members_by_marker ON members (marker, at, change_id);
  CREATE TABLE targets (
    name TEXT PRIMARY KEY, identity TEXT NOT NULL, since INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE annotations (
    target TEXT NOT NULL, marker TEXT NOT NULL, annotation TEXT, attempted INTEGER NOT NULL, recheck_at INTEGER,
    PRIMARY KEY (marker, target)
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX annotations_by_target ON annotations (target);
  CREATE TABLE work (
    target TEXT NOT NULL, marker TEXT NOT NULL, due INTEGER NOT NULL, since INTEGER NOT NULL, failures INTEGER NOT NULL,
    PRIMARY KEY (target, marker)
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX work_by_due ON work (target, due);
  `,
};
