-- The one row is locked by every commit, so that commits come one after the other.
CREATE TABLE portal_state (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  epoch    uuid   NOT NULL,   -- another one means another history: read everything again
  revision bigint NOT NULL,
  floor    bigint NOT NULL    -- removals up to this revision are forgotten
);
INSERT INTO portal_state (epoch, revision, floor) VALUES (gen_random_uuid(), 0, 0);

CREATE TABLE portal_item (
  key      text    PRIMARY KEY,
  value    text    NOT NULL,
  removed  boolean NOT NULL,
  revision bigint  NOT NULL   -- of the commit that changed it last
);
CREATE INDEX portal_item_revision ON portal_item (revision);

-- Tells a daemon that lost its connection while committing whether the commit is there.
CREATE TABLE portal_commit (
  id       uuid   PRIMARY KEY,
  revision bigint NOT NULL
);
CREATE INDEX portal_commit_revision ON portal_commit (revision);
