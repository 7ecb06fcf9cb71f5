"""The tables of the embedded graph's file, by format version. A version once released is never changed. Holds no question.

Version 1 are the facts. Version 2 adds cases, and `forgetting`: how often identifiers were deleted, so that whoever
remembers row numbers knows when to ask for them again. Version 3 finds what a party got without looking at what others did.
Version 4 knows who bought which model. Version 5 tells findings of drift.
"""

FACTS = """
CREATE TABLE identifier (pk INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, kind TEXT NOT NULL);
CREATE TABLE event (key BLOB PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE owns (owned INTEGER NOT NULL, owner INTEGER NOT NULL, at INTEGER NOT NULL, recorded INTEGER NOT NULL,
  PRIMARY KEY (owned, owner, at)) WITHOUT ROWID;
CREATE INDEX owns_by_owner ON owns (owner);
CREATE TABLE route (pk INTEGER PRIMARY KEY, source TEXT NOT NULL, target TEXT NOT NULL, purpose TEXT NOT NULL,
  categories TEXT NOT NULL, controller TEXT NOT NULL, forbidden INTEGER NOT NULL,
  UNIQUE (source, target, purpose, categories, controller, forbidden));
CREATE TABLE disclosure (event BLOB NOT NULL, part INTEGER NOT NULL, holder INTEGER NOT NULL, route INTEGER NOT NULL,
  at INTEGER NOT NULL, recorded INTEGER NOT NULL, as_sent BLOB NOT NULL);
CREATE INDEX disclosure_by_holder ON disclosure (holder);
CREATE TABLE consent (event BLOB NOT NULL, holder INTEGER NOT NULL, purpose TEXT NOT NULL, granted INTEGER NOT NULL,
  at INTEGER NOT NULL, recorded INTEGER NOT NULL, as_sent BLOB NOT NULL);
CREATE INDEX consent_by_holder ON consent (holder);
CREATE TABLE link (event BLOB NOT NULL, one INTEGER NOT NULL, other INTEGER NOT NULL, joined INTEGER NOT NULL,
  at INTEGER NOT NULL, recorded INTEGER NOT NULL, as_sent BLOB NOT NULL);
CREATE INDEX link_by_one ON link (one);
CREATE INDEX link_by_other ON link (other);
CREATE TABLE letter (key BLOB PRIMARY KEY, reason TEXT NOT NULL, recorded INTEGER NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE look (at INTEGER NOT NULL, sealed BLOB NOT NULL)
"""

CASES = """
CREATE TABLE forgetting (times INTEGER NOT NULL);
INSERT INTO forgetting VALUES (0);
CREATE TABLE entry (pk INTEGER PRIMARY KEY, case_id TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL,
  kind TEXT NOT NULL, actor TEXT NOT NULL, said TEXT NOT NULL, sealed BLOB NOT NULL, previous BLOB NOT NULL,
  hash BLOB NOT NULL, UNIQUE (case_id, number));
CREATE TABLE unpublished (entry INTEGER PRIMARY KEY);
CREATE TABLE standing (case_id TEXT PRIMARY KEY, right TEXT NOT NULL, state TEXT NOT NULL, received INTEGER NOT NULL,
  operative TEXT NOT NULL, look_at INTEGER, entries INTEGER NOT NULL, head BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX standing_due ON standing (look_at, case_id) WHERE look_at IS NOT NULL;
CREATE TABLE subject (case_id TEXT NOT NULL, place INTEGER NOT NULL, key BLOB NOT NULL,
  PRIMARY KEY (case_id, place)) WITHOUT ROWID;
CREATE INDEX subject_by_key ON subject (key);
CREATE TABLE task (case_id TEXT NOT NULL, task TEXT NOT NULL, party TEXT NOT NULL, state TEXT NOT NULL, look_at INTEGER,
  PRIMARY KEY (case_id, task)) WITHOUT ROWID;
CREATE INDEX task_due ON task (party, look_at) WHERE look_at IS NOT NULL;
CREATE INDEX task_look ON task (look_at) WHERE look_at IS NOT NULL;
CREATE TABLE calls (lane TEXT NOT NULL, window INTEGER NOT NULL, made INTEGER NOT NULL,
  PRIMARY KEY (lane, window)) WITHOUT ROWID
"""

BY_ROUTE = "CREATE INDEX disclosure_by_route ON disclosure (route, holder, at)"

PRODUCTS = """
CREATE TABLE bought (model BLOB NOT NULL, holder INTEGER NOT NULL, event BLOB NOT NULL, part INTEGER NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY (model, holder, event, part)) WITHOUT ROWID;
CREATE INDEX bought_by_holder ON bought (holder);
CREATE TABLE forgotten_buyers (model BLOB PRIMARY KEY, buyers INTEGER NOT NULL) WITHOUT ROWID
"""

# What waits to be judged goes with each transaction that records: one row, whatever the number of events.
FINDINGS = """
CREATE TABLE unjudged (pk INTEGER PRIMARY KEY AUTOINCREMENT, keys BLOB NOT NULL);
CREATE TABLE gone (event BLOB NOT NULL, part INTEGER NOT NULL, PRIMARY KEY (event, part)) WITHOUT ROWID;
CREATE TABLE finding (event BLOB NOT NULL, part INTEGER NOT NULL, rule TEXT NOT NULL, sequence INTEGER NOT NULL,
  found INTEGER NOT NULL, digest BLOB NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (event, part, rule)) WITHOUT ROWID;
CREATE TABLE told (number INTEGER PRIMARY KEY AUTOINCREMENT, event BLOB NOT NULL, part INTEGER NOT NULL, rule TEXT NOT NULL,
  record TEXT NOT NULL);
CREATE INDEX told_of ON told (event, part, rule);
CREATE TABLE lane (lane TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE judging (turn INTEGER NOT NULL, register TEXT NOT NULL, position BLOB, restored INTEGER NOT NULL);
INSERT INTO judging VALUES (0, '', NULL, 0)
"""

WAITS = "INSERT INTO unjudged (keys) SELECT ? FROM judging WHERE register <> ''"
"""Has whoever these identifiers are of judged anew; not where nobody has judged yet, for the first who does meets everybody."""

LATER = (CASES, BY_ROUTE, PRODUCTS, FINDINGS)
CASES_SINCE = 2
"""The version from which on there are cases."""
PRODUCTS_SINCE = 4
"""The version from which on purchases are known."""
FINDINGS_SINCE = 5
"""The version from which on findings are told."""
VERSION = 1 + len(LATER)
