"""The tables of a project file. Numbered: a released step is never changed, a new one is added.

Ids on the wire are long; inside the file, devices, records, fields, changes and envelopes are numbered
(``did``, ``rid``, ``fid``, ``cid``, ``eid``). Tables named ``local_*`` belong to this device alone and are left
out of backups for others.
"""

from __future__ import annotations

import apsw

from app.store.database import Migration

_V1 = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE devices (did INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE) STRICT;
CREATE TABLE fields (fid INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (kind, name)) STRICT;

-- state: 0 there, 1 deleted, 2 deleted by one and changed by another without having seen it (shown, marked)
CREATE TABLE records (
    rid INTEGER PRIMARY KEY, id BLOB NOT NULL, kind TEXT NOT NULL, state INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0, UNIQUE (id, kind)) STRICT;
CREATE INDEX records_kind ON records (kind, state);

-- data: the bytes of the change, until it is sealed into an envelope, and where it is set aside
CREATE TABLE changes (
    cid INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, did INTEGER NOT NULL, clock INTEGER NOT NULL,
    gid BLOB, eid INTEGER, aside INTEGER NOT NULL DEFAULT 0, data BLOB) STRICT;
CREATE INDEX changes_unsealed ON changes (cid) WHERE eid IS NULL;
CREATE INDEX changes_envelope ON changes (eid);
CREATE INDEX changes_group ON changes (gid) WHERE gid IS NOT NULL;

-- live writes, in the order that makes one column one range
CREATE TABLE writes (
    fid INTEGER NOT NULL, rid INTEGER NOT NULL, cid INTEGER NOT NULL, idx INTEGER NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (fid, rid, cid, idx)) STRICT, WITHOUT ROWID;
CREATE INDEX writes_record ON writes (rid);
CREATE INDEX writes_change ON writes (cid);

-- writes that another write replaced
CREATE TABLE history (
    rid INTEGER NOT NULL, fid INTEGER NOT NULL, cid INTEGER NOT NULL, idx INTEGER NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (rid, fid, cid, idx)) STRICT, WITHOUT ROWID;
CREATE INDEX history_change ON history (cid);

-- who named what: also names of writes that have not arrived
CREATE TABLE replacements (
    rid INTEGER NOT NULL, fid INTEGER NOT NULL, target BLOB NOT NULL, idx INTEGER NOT NULL, cid INTEGER NOT NULL,
    PRIMARY KEY (rid, fid, target, idx, cid)) STRICT, WITHOUT ROWID;
CREATE INDEX replacements_change ON replacements (cid);

-- what a live deletion had seen
CREATE TABLE covers (
    cid INTEGER NOT NULL, idx INTEGER NOT NULL, names BLOB NOT NULL, PRIMARY KEY (cid, idx)) STRICT, WITHOUT ROWID;

-- fields in which more than one single value stands; and who may be whose child (a superset)
CREATE TABLE contested (rid INTEGER NOT NULL, fid INTEGER NOT NULL, PRIMARY KEY (rid, fid)) STRICT, WITHOUT ROWID;
CREATE TABLE children (
    parent BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (parent, rid)) STRICT, WITHOUT ROWID;
CREATE INDEX children_record ON children (rid);

-- rich text: every update as it came (history reads these), and their merged state
CREATE TABLE updates (
    uid INTEGER PRIMARY KEY, rid INTEGER NOT NULL, fid INTEGER NOT NULL, cid INTEGER NOT NULL, idx INTEGER NOT NULL,
    client INTEGER NOT NULL, first INTEGER NOT NULL, past INTEGER NOT NULL, lost INTEGER NOT NULL DEFAULT 0,
    data BLOB NOT NULL,
    UNIQUE (cid, idx)) STRICT;
CREATE INDEX updates_text ON updates (rid, fid, client, first);
CREATE TABLE texts (
    rid INTEGER NOT NULL, fid INTEGER NOT NULL, state BLOB NOT NULL, upto INTEGER NOT NULL, tail INTEGER NOT NULL,
    plain TEXT,
    PRIMARY KEY (rid, fid)) STRICT, WITHOUT ROWID;
CREATE INDEX texts_stale ON texts (fid, rid) WHERE plain IS NULL;

-- envelopes as they came. state: 0 applied, 1 waiting, 2 quarantined, 3 set aside, 4 being applied
-- pushed: 0 to be given to the server, 1 it is there, 2 the server refused it
CREATE TABLE envelopes (
    eid INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, did INTEGER NOT NULL, seq INTEGER NOT NULL,
    prev BLOB, kind INTEGER NOT NULL, state INTEGER NOT NULL, reason TEXT NOT NULL DEFAULT '',
    version INTEGER, pushed INTEGER NOT NULL, received_ms INTEGER NOT NULL, wire BLOB NOT NULL) STRICT;
CREATE INDEX envelopes_chain ON envelopes (did, seq);
CREATE INDEX envelopes_membership ON envelopes (eid) WHERE kind = 1;
CREATE INDEX envelopes_state ON envelopes (state) WHERE state <> 0;
CREATE INDEX envelopes_push ON envelopes (pushed) WHERE pushed <> 1;
CREATE INDEX envelopes_unplaced ON envelopes (eid) WHERE version IS NULL;

-- the last envelope known of each device, and of those that this device told others about
CREATE TABLE heads (did INTEGER PRIMARY KEY, seq INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TABLE local_said (did INTEGER PRIMARY KEY, seq INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TABLE local_pending (
    rid INTEGER NOT NULL, cid INTEGER NOT NULL, PRIMARY KEY (rid, cid)) STRICT, WITHOUT ROWID;
CREATE INDEX local_pending_change ON local_pending (cid);
CREATE TABLE local_drafts (
    rid INTEGER NOT NULL, fid INTEGER NOT NULL, dirty INTEGER NOT NULL, touched_ms INTEGER NOT NULL,
    seen BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (rid, fid)) STRICT, WITHOUT ROWID;
CREATE TABLE local_typing (
    uid INTEGER PRIMARY KEY, rid INTEGER NOT NULL, fid INTEGER NOT NULL, client INTEGER NOT NULL,
    touched_ms INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
CREATE INDEX local_typing_text ON local_typing (rid, fid);
CREATE TABLE local_blocks (
    cid INTEGER PRIMARY KEY, first INTEGER NOT NULL, count INTEGER NOT NULL, used INTEGER NOT NULL,
    confirmed INTEGER NOT NULL) STRICT;
CREATE TABLE local_unnumbered (rid INTEGER PRIMARY KEY) STRICT;
CREATE TABLE local_view (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- sealed keys beside the log. state: 0 to be given to the server, 1 it has them, 2 it is to forget them,
-- 3 it did, 4 it refused them
CREATE TABLE local_grants (
    gid INTEGER PRIMARY KEY, recipient BLOB NOT NULL, wire BLOB NOT NULL, state INTEGER NOT NULL) STRICT;
"""


def _first(connection: apsw.Connection) -> None:
    connection.execute(_V1)


WORD_TABLE = """
CREATE VIRTUAL TABLE local_words USING fts5 (
    title, text, content = '', contentless_delete = 1, tokenize = 'ascii');
INSERT INTO local_words (local_words, rank) VALUES ('automerge', 0), ('crisismerge', 100);
"""
_V2 = """
-- records whose words have changed since local_words, the full-text index, took them in
CREATE TABLE local_unindexed (rid INTEGER PRIMARY KEY) STRICT;
INSERT INTO local_unindexed SELECT rid FROM records WHERE kind IN ('issue', 'note', 'comment', 'person', 'element');

-- how far this device's user is through what changed: by record (done: the last change that was dealt with;
-- snoozed: the last change of which nothing is to be told before until_ms), and by name for whole lists
CREATE TABLE local_inbox (
    rid INTEGER PRIMARY KEY, done INTEGER NOT NULL DEFAULT 0, snoozed INTEGER NOT NULL DEFAULT 0,
    until_ms INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE local_marks (name TEXT PRIMARY KEY, cid INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- what is in the trash, and what one deleted and another changed
CREATE INDEX records_gone ON records (state, kind) WHERE state <> 0;
"""


def _second(connection: apsw.Connection) -> None:
    connection.execute(_V2)
    connection.execute(WORD_TABLE)


_V3 = """
-- every issue with two labels stands in contested: who asks for one field must not walk past them all
CREATE INDEX contested_field ON contested (fid);
"""


def _third(connection: apsw.Connection) -> None:
    connection.execute(_V3)


_V4 = """
-- what texts point to, made with their plain text: sort is ref, mention or image, target the id of a record
CREATE TABLE local_links (
    rid INTEGER NOT NULL, fid INTEGER NOT NULL, sort TEXT NOT NULL, target BLOB NOT NULL,
    PRIMARY KEY (rid, fid, sort, target)) STRICT, WITHOUT ROWID;
CREATE INDEX local_links_target ON local_links (target, sort);
-- what others with a newer version may have put into texts already is found when their plain text is made anew, and
-- long states become shorter
UPDATE texts SET plain = NULL WHERE plain IS NOT NULL
    AND (tail > 0 OR length(state) > 4096 OR instr(state, CAST('{"' AS BLOB)) > 0);

-- formats of texts that no editor known to this program gives, by name: of more than a few none counts
CREATE TABLE text_formats (
    rid INTEGER NOT NULL, fid INTEGER NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (rid, fid, name)) STRICT, WITHOUT ROWID;

-- whose characters count where two devices wrote under one client number is decided by another rule now
INSERT INTO meta SELECT 'elect', 1 WHERE EXISTS (SELECT 1 FROM updates WHERE lost <> 0);

-- how far this device's user has read the comments on a record: the last change; comments from before count as read
CREATE TABLE local_read (rid INTEGER PRIMARY KEY, cid INTEGER NOT NULL) STRICT;
INSERT INTO local_read SELECT rid, (SELECT coalesce(max(cid), 0) FROM changes) FROM records
    WHERE kind IN ('issue', 'note', 'element');

-- the Markdown folder: its files as they were last written or read, and what they held then
CREATE TABLE local_folder_files (
    path TEXT PRIMARY KEY, rid INTEGER NOT NULL, base BLOB NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    seen BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE local_folder_bases (
    hash BLOB PRIMARY KEY, rid INTEGER NOT NULL, made INTEGER NOT NULL, data BLOB NOT NULL) STRICT;
CREATE INDEX local_folder_bases_record ON local_folder_bases (rid, made);
"""


def _fourth(connection: apsw.Connection) -> None:
    connection.execute(_V4)


_V5 = """
-- what this device last told about itself beside the log (sync.notice), by kind
CREATE TABLE local_notices (
    kind TEXT PRIMARY KEY, number INTEGER NOT NULL, sent_ms INTEGER NOT NULL, body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- what sync did here, for a person to read (app.store.sync_log)
CREATE TABLE local_sync_log (
    lid INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, what TEXT NOT NULL, pulled INTEGER NOT NULL,
    pushed INTEGER NOT NULL, conflicts INTEGER NOT NULL, refused INTEGER NOT NULL, sentence TEXT NOT NULL) STRICT;

-- bare: of this envelope only header and signature are here; what was in it is in the tables (app.store.bundle_image)
ALTER TABLE envelopes ADD COLUMN bare INTEGER NOT NULL DEFAULT 0;

-- the files of attachments, as far as this device knows (app.store.transfers). first: a chunk's name that no other
-- file has. held: 1 all of it is here. served: 1 the server has it, 2 it refused it (sentence). others: devices that
-- said that they hold it. keep: 1 the device is to have it; wanted: 1 a person waits for it. due_ms: not asked for
-- before, or when it was refused; asked_ms: when the server last said that it has it
CREATE TABLE local_files (
    rid INTEGER PRIMARY KEY, first BLOB NOT NULL, size INTEGER NOT NULL, made_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL, held INTEGER NOT NULL, served INTEGER NOT NULL DEFAULT 0,
    others INTEGER NOT NULL DEFAULT 0, keep INTEGER NOT NULL DEFAULT 0, wanted INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0, due_ms INTEGER NOT NULL DEFAULT 0, asked_ms INTEGER NOT NULL DEFAULT 0,
    sentence TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX local_files_unserved ON local_files (rid) WHERE held = 1 AND served <> 1;
CREATE INDEX local_files_lacking ON local_files (made_ms) WHERE held = 0;
CREATE INDEX local_files_first ON local_files (first);
-- which files other devices said that they hold: ids of attachments, 16 bytes each
CREATE TABLE local_receipts (
    device BLOB PRIMARY KEY, number INTEGER NOT NULL, files BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- this device's own chain (app.store.succession): the last envelope that it made here, the keys under which it went
-- before, and the secrets of the one that it took until the vault has them
CREATE TABLE local_chain (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO local_chain SELECT 'made', e.hash FROM envelopes e JOIN devices d USING (did)
    WHERE d.key = (SELECT value FROM meta WHERE name = 'device') ORDER BY e.seq DESC, e.hash DESC LIMIT 1;

-- what is kept here of the files, and how far their notices were read
CREATE TABLE local_transfers (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
"""


def _fifth(connection: apsw.Connection) -> None:
    connection.execute(_V5)


MIGRATIONS = (
    Migration(1, "first released schema", _first),
    Migration(2, "full text, inbox and marks of this device", _second),
    Migration(3, "contested fields by field", _third),
    Migration(4, "links of texts, read comments, Markdown folder", _fourth),
    Migration(5, "bundles, transfers of files", _fifth),
)
