/** The tables of the journal, as numbered steps: a database remembers how many it has taken. */

export const journalSteps: readonly string[] = [
  `CREATE TABLE run (
     number INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     repository TEXT NOT NULL,
     state TEXT NOT NULL,
     start TEXT NOT NULL,
     sealed_ms INTEGER,
     tree TEXT,
     summary TEXT,
     snapshot_id TEXT,
     snapshot BLOB,
     attempts INTEGER NOT NULL DEFAULT 0,
     last_attempt_ms INTEGER NOT NULL DEFAULT 0,
     last_failure TEXT NOT NULL DEFAULT ''
   ) STRICT;
   CREATE TABLE pack (
     number INTEGER PRIMARY KEY,
     run TEXT NOT NULL,
     id TEXT NOT NULL,
     size INTEGER NOT NULL,
     state TEXT NOT NULL,
     entries BLOB NOT NULL,
     UNIQUE (run, id)
   ) STRICT;
   CREATE TABLE file_records (number INTEGER PRIMARY KEY, run TEXT NOT NULL, records BLOB NOT NULL) STRICT;
   CREATE TABLE sealed_index (run TEXT NOT NULL, id TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (run, id)) STRICT;
   CREATE TABLE stored_index (run TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (run, id)) STRICT;
   CREATE INDEX file_records_of_run ON file_records (run);`,
  `CREATE TABLE IF NOT EXISTS ended_pack (
     repository TEXT NOT NULL,
     id TEXT NOT NULL,
     size INTEGER NOT NULL,
     ended_ms INTEGER NOT NULL,
     PRIMARY KEY (repository, id)
   ) STRICT;`,
  `ALTER TABLE run ADD COLUMN committed_ms INTEGER;
   ALTER TABLE run ADD COLUMN looked_ms INTEGER;
   ALTER TABLE run ADD COLUMN missing_blobs INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX late_look ON run (repository, committed_ms, looked_ms, missing_blobs);`,
];
