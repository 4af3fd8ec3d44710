-- results.sqlite, version 1: verdicts, findings and citation counts over time. In tables days are numbers, counted from
-- 1970-01-01 (a sixth of the file would be dates otherwise), in views ISO 8601 texts; both are UTC.
CREATE TABLE catalogs (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE -- relative to the folder of this file
);

-- How a catalog stood after the last run of a day: links by verdict, open findings by severity.
CREATE TABLE days (
  catalog INTEGER NOT NULL REFERENCES catalogs,
  day INTEGER NOT NULL,
  ok INTEGER NOT NULL,
  moved INTEGER NOT NULL,
  broken INTEGER NOT NULL,
  suspect INTEGER NOT NULL,
  blocked INTEGER NOT NULL,
  unsafe INTEGER NOT NULL,
  skipped INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  warnings INTEGER NOT NULL,
  notes INTEGER NOT NULL,
  new INTEGER NOT NULL, -- findings that came on that day
  fixed INTEGER NOT NULL, -- findings that went on that day
  PRIMARY KEY (catalog, day)
) WITHOUT ROWID;

-- The links of each catalog with their present verdict, NULL for links that are no longer listed.
CREATE TABLE links (
  id INTEGER PRIMARY KEY,
  catalog INTEGER NOT NULL REFERENCES catalogs,
  url TEXT NOT NULL,
  verdict TEXT,
  since INTEGER NOT NULL,
  status INTEGER, -- of the reply that decided
  saw TEXT -- what it said, unless the link was ok
);
CREATE INDEX links_of_catalog ON links (catalog);

-- Earlier verdicts, until the day `till`. Rows are only ever added, so that its pages stay full.
CREATE TABLE link_history (
  link INTEGER NOT NULL REFERENCES links,
  since INTEGER NOT NULL,
  till INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  status INTEGER,
  saw TEXT
);

-- All findings; `till` is NULL while one is open.
CREATE TABLE findings (
  id INTEGER PRIMARY KEY,
  catalog INTEGER NOT NULL REFERENCES catalogs,
  rule TEXT NOT NULL,
  severity TEXT NOT NULL,
  entry TEXT, -- its key
  link INTEGER REFERENCES links,
  other_url TEXT, -- where the URL is no link of the catalog
  field TEXT,
  message TEXT NOT NULL,
  suggestion TEXT,
  since INTEGER NOT NULL,
  till INTEGER
);
CREATE INDEX findings_open ON findings (catalog) WHERE till IS NULL;

-- The entries of each catalog with their present citation count; `till` is set once one is no longer listed.
CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  catalog INTEGER NOT NULL REFERENCES catalogs,
  key TEXT NOT NULL,
  title TEXT NOT NULL,
  citation_count INTEGER,
  since INTEGER NOT NULL, -- of the citation count
  till INTEGER
);
CREATE INDEX entries_of_catalog ON entries (catalog);

-- Earlier citation counts.
CREATE TABLE citation_history (
  entry INTEGER NOT NULL REFERENCES entries,
  since INTEGER NOT NULL,
  till INTEGER NOT NULL,
  citation_count INTEGER NOT NULL
);

CREATE VIEW current_links AS
  SELECT catalogs.path AS catalog, url, verdict, date(86400 * since, 'unixepoch') AS since, status, saw
  FROM links JOIN catalogs ON catalogs.id = links.catalog
  WHERE verdict IS NOT NULL;

CREATE VIEW link_spans AS
  SELECT catalog, url, verdict, since, NULL AS till, status, saw FROM current_links
  UNION ALL
  SELECT catalogs.path, url, link_history.verdict, date(86400 * link_history.since, 'unixepoch'),
    date(86400 * till, 'unixepoch'), link_history.status, link_history.saw
  FROM link_history JOIN links ON links.id = link JOIN catalogs ON catalogs.id = links.catalog;

CREATE VIEW finding_spans AS
  SELECT catalogs.path AS catalog, rule, severity, entry, coalesce(links.url, other_url) AS url, field, message,
    suggestion, date(86400 * findings.since, 'unixepoch') AS since, date(86400 * till, 'unixepoch') AS till
  FROM findings JOIN catalogs ON catalogs.id = findings.catalog LEFT JOIN links ON links.id = link;

CREATE VIEW open_findings AS
  SELECT catalog, rule, severity, entry, url, field, message, suggestion, since FROM finding_spans WHERE till IS NULL;

CREATE VIEW current_entries AS
  SELECT catalogs.path AS catalog, key, title, citation_count, date(86400 * since, 'unixepoch') AS since
  FROM entries JOIN catalogs ON catalogs.id = entries.catalog
  WHERE till IS NULL;

CREATE VIEW citation_spans AS
  SELECT catalog, key, title, citation_count, since, NULL AS till FROM current_entries WHERE citation_count IS NOT NULL
  UNION ALL
  SELECT catalogs.path, key, title, citation_history.citation_count,
    date(86400 * citation_history.since, 'unixepoch'), date(86400 * citation_history.till, 'unixepoch')
  FROM citation_history JOIN entries ON entries.id = entry JOIN catalogs ON catalogs.id = entries.catalog;

CREATE VIEW trend AS
  SELECT catalogs.path AS catalog, date(86400 * day, 'unixepoch') AS day, ok, moved, broken, suspect, blocked, unsafe,
    skipped, errors, warnings, notes, new, fixed
  FROM days JOIN catalogs ON catalogs.id = days.catalog;
