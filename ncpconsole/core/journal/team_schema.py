"""The SQL of the team's journal in PostgreSQL 13 or newer: tables, the functions that are its only writers, the grants.

Consoles get SELECT and EXECUTE and nothing else: each step is one function, one transaction and one round trip. The
functions take one lock after the other's commit, so events have one order, and the database's clock dates them. An
event is hashed as in `chain`; tests hold the two against each other.
"""

from __future__ import annotations

import re

from ncpconsole.core.journal.chain import Kind, canonical, result_body
from ncpconsole.core.records import State, died_before_sending, died_while_sending
from ncpconsole.language import Sentence
from ncpconsole.ncp.results import Outcome, SendResult

VERSION = 1
SCHEMA = "ncpconsole"
CHANNEL = "ncpconsole"
"""Where consoles hear of new events, and of each other."""
CHAIN_LOCK = 0x4E435043
DEFAULT_ROLE = "ncpconsole_operator"
ROLE_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def _ended(result: SendResult) -> str:
    """An outcome as a literal of SQL."""
    return "'" + canonical(result_body(result)).replace("'", "''") + "'"


_TEMPLATE = r"""
-- The journal that a team's consoles share: ncpconsole team setup URL --print-sql
BEGIN;
CREATE SCHEMA ncpconsole;
DO $do$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '@ROLE@') THEN CREATE ROLE @ROLE@ NOLOGIN; END IF;
END $do$;

CREATE TABLE ncpconsole.team (
  id text NOT NULL DEFAULT gen_random_uuid()::text,
  version integer NOT NULL,
  is_the_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_the_only_row)
);
INSERT INTO ncpconsole.team (version) VALUES (@VERSION@);

CREATE TABLE ncpconsole.events (
  sequence bigint PRIMARY KEY,
  time text NOT NULL,
  intent text NOT NULL,
  kind text NOT NULL,
  body text NOT NULL CHECK (octet_length(body) = char_length(body)),
  previous text NOT NULL,
  hash text NOT NULL UNIQUE,
  written_by text NOT NULL DEFAULT session_user
);
CREATE INDEX events_of_an_intent ON ncpconsole.events (intent, sequence);

-- Where each interrupt stands; what holds a server is decided here.
CREATE TABLE ncpconsole.intents (
  id text PRIMARY KEY,
  site text NOT NULL,
  server_no text NOT NULL,
  state text NOT NULL,
  outcome text,
  is_resolved boolean NOT NULL DEFAULT false,
  holder bigint NOT NULL,
  holds boolean NOT NULL
);
CREATE UNIQUE INDEX one_interrupt_per_server ON ncpconsole.intents (site, server_no) WHERE holds;
CREATE INDEX intents_of_a_server ON ncpconsole.intents (server_no);
CREATE INDEX open_intents ON ncpconsole.intents (state) WHERE state <> '@DONE@';

CREATE FUNCTION ncpconsole.events_are_only_added() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN RAISE EXCEPTION 'events are only added'; END $fn$;
CREATE TRIGGER events_are_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON ncpconsole.events
  FOR EACH STATEMENT EXECUTE FUNCTION ncpconsole.events_are_only_added();

CREATE FUNCTION ncpconsole.quoted(words text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
  SELECT '"' || replace(replace(words, '\', '\\'), '"', '\"') || '"' $fn$;

-- One writer at a time, and each sees what the one before committed.
CREATE FUNCTION ncpconsole.in_turn() RETURNS void LANGUAGE plpgsql AS $fn$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'the journal needs transactions of isolation level read committed';
  END IF;
  PERFORM pg_advisory_xact_lock(@CHAIN_LOCK@);
END $fn$;

CREATE FUNCTION ncpconsole.append(of_intent text, of_kind text, content text, at_time text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $fn$
DECLARE
  last ncpconsole.events;
  number bigint;
  before text;
  moment text;
BEGIN
  SELECT * INTO last FROM ncpconsole.events ORDER BY sequence DESC LIMIT 1;
  number := coalesce(last.sequence, 0) + 1;
  before := coalesce(last.hash, repeat('0', 64));
  moment := coalesce(at_time, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00');
  INSERT INTO ncpconsole.events (sequence, time, intent, kind, body, previous, hash) VALUES (
    number, moment, of_intent, of_kind, content, before,
    encode(sha256(convert_to(
      '[' || number || ',' || ncpconsole.quoted(moment) || ',' || ncpconsole.quoted(of_intent) || ','
      || ncpconsole.quoted(of_kind) || ',' || ncpconsole.quoted(content) || ',' || ncpconsole.quoted(before) || ']',
      'UTF8')), 'hex'));
  PERFORM pg_notify('@CHANNEL@', '{"event":' || number || '}');
END $fn$;

-- Whether no connection holds this key any more: then the console that claimed with it has ended, or cannot send.
CREATE FUNCTION ncpconsole.is_gone(key bigint) RETURNS boolean LANGUAGE plpgsql AS $fn$
BEGIN RETURN pg_try_advisory_xact_lock(key); END $fn$;

CREATE FUNCTION ncpconsole.is_held_here(key bigint) RETURNS boolean LANGUAGE sql AS $fn$
  SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted
    AND objsubid = 1 AND (classid::bigint << 32) | objid::bigint = key) $fn$;

-- The honest end of an interrupt whose console is gone.
CREATE FUNCTION ncpconsole.end_orphan(orphan text) RETURNS void LANGUAGE plpgsql AS $fn$
DECLARE was text;
BEGIN
  SELECT state INTO was FROM ncpconsole.intents WHERE id = orphan;
  IF was = '@SENDING@' THEN
    PERFORM ncpconsole.append(orphan, '@FINISHED@', @DIED_SENDING@);
    UPDATE ncpconsole.intents SET state = '@DONE@', outcome = '@UNKNOWN@' WHERE id = orphan;
  ELSIF was = '@CLAIMED_STATE@' THEN
    PERFORM ncpconsole.append(orphan, '@FINISHED@', @DIED_BEFORE@);
    UPDATE ncpconsole.intents SET state = '@DONE@', outcome = '@NOT_SENT@', holds = false WHERE id = orphan;
  END IF;
END $fn$;

CREATE FUNCTION ncpconsole.recover(own_key bigint) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE one ncpconsole.intents;
BEGIN
  PERFORM ncpconsole.in_turn();
  FOR one IN SELECT * FROM ncpconsole.intents WHERE state <> '@DONE@' ORDER BY id LOOP
    IF one.holder <> own_key AND ncpconsole.is_gone(one.holder) THEN
      PERFORM ncpconsole.end_orphan(one.id);
      RETURN NEXT one.id;
    END IF;
  END LOOP;
END $fn$;

-- Take a server for one interrupt. Gives the id of what holds it, or an empty text when it was taken.
CREATE FUNCTION ncpconsole.claim(new_id text, content text, of_site text, of_server text, own_key bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE one ncpconsole.intents;
BEGIN
  PERFORM ncpconsole.in_turn();
  IF NOT ncpconsole.is_held_here(own_key) THEN
    RAISE EXCEPTION 'this connection does not hold its own key' USING ERRCODE = '55000';
  END IF;
  FOR one IN SELECT * FROM ncpconsole.intents WHERE server_no = of_server
    AND (site = of_site OR site = '' OR of_site = '')
    AND (state <> '@DONE@' OR (outcome = '@UNKNOWN@' AND NOT is_resolved)) LOOP
    IF one.state <> '@DONE@' AND one.holder <> own_key AND ncpconsole.is_gone(one.holder) THEN
      PERFORM ncpconsole.end_orphan(one.id);
      IF one.state = '@CLAIMED_STATE@' THEN CONTINUE; END IF;
    END IF;
    RETURN one.id;
  END LOOP;
  PERFORM ncpconsole.append(new_id, '@CLAIMED@', content);
  INSERT INTO ncpconsole.intents (id, site, server_no, state, holder, holds)
    VALUES (new_id, of_site, of_server, '@CLAIMED_STATE@', own_key, true);
  RETURN '';
END $fn$;

-- The first byte is about to leave. False when the claim was ended meanwhile: then it must not.
CREATE FUNCTION ncpconsole.sending(of_intent text, own_key bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  PERFORM ncpconsole.in_turn();
  IF NOT ncpconsole.is_held_here(own_key) THEN RETURN false; END IF;
  UPDATE ncpconsole.intents SET state = '@SENDING@'
    WHERE id = of_intent AND state = '@CLAIMED_STATE@' AND holder = own_key;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM ncpconsole.append(of_intent, '@SENDING_EVENT@', '{}');
  RETURN true;
END $fn$;

-- What became of it. The owner's word also settles what others could only call unknown; said twice, it counts once.
CREATE FUNCTION ncpconsole.finish(of_intent text, content text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  one ncpconsole.intents;
  became text := content::json ->> 'outcome';
BEGIN
  PERFORM ncpconsole.in_turn();
  SELECT * INTO one FROM ncpconsole.intents WHERE id = of_intent;
  IF NOT FOUND THEN RETURN false; END IF;
  IF one.state = '@DONE@' THEN
    IF one.outcome = became THEN RETURN true; END IF;
    IF one.outcome <> '@UNKNOWN@' THEN RETURN false; END IF;
    PERFORM ncpconsole.append(of_intent, '@LATE@', content);
  ELSIF one.state = '@SENDING@' OR became IN ('@NOT_SENT@', '@UNKNOWN@') THEN
    PERFORM ncpconsole.append(of_intent, '@FINISHED@', content);
  ELSE
    RETURN false;
  END IF;
  UPDATE ncpconsole.intents SET state = '@DONE@', outcome = became, holds = holds AND became = '@UNKNOWN@'
    WHERE id = of_intent;
  RETURN true;
END $fn$;

CREATE FUNCTION ncpconsole.resolve(of_intent text, content text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  PERFORM ncpconsole.in_turn();
  UPDATE ncpconsole.intents SET is_resolved = true, holds = false
    WHERE id = of_intent AND state = '@DONE@' AND outcome = '@UNKNOWN@' AND NOT is_resolved;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM ncpconsole.append(of_intent, '@RESOLVED@', content);
  RETURN true;
END $fn$;

-- What was seen afterwards, or noted.
CREATE FUNCTION ncpconsole.add(of_intent text, of_kind text, content text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
BEGIN
  PERFORM ncpconsole.in_turn();
  IF NOT (of_kind = '@NOTED@' AND of_intent = '') AND NOT (of_kind = '@OBSERVED@'
    AND EXISTS (SELECT FROM ncpconsole.intents WHERE id = of_intent)) THEN RETURN false; END IF;
  PERFORM ncpconsole.append(of_intent, of_kind, content);
  RETURN true;
END $fn$;

-- An interrupt that went past the team, when its console could not reach this database, or was recorded before.
-- Each step is [kind, content, time]; what is here already is not added again.
CREATE FUNCTION ncpconsole.deliver(of_intent text, of_site text, of_server text, steps json) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $fn$
DECLARE
  step json;
  became text;
  settled boolean := false;
  locks boolean;
BEGIN
  PERFORM ncpconsole.in_turn();
  IF EXISTS (SELECT FROM ncpconsole.intents WHERE id = of_intent) THEN RETURN false; END IF;
  FOR step IN SELECT * FROM json_array_elements(steps) LOOP
    IF step ->> 0 NOT IN ('@CLAIMED@', '@SENDING_EVENT@', '@FINISHED@', '@OBSERVED@', '@RESOLVED@') THEN
      RAISE EXCEPTION 'an interrupt has no step %', step ->> 0;
    END IF;
    IF step ->> 0 = '@FINISHED@' THEN became := (step ->> 1)::json ->> 'outcome'; END IF;
    settled := settled OR step ->> 0 = '@RESOLVED@';
    PERFORM ncpconsole.append(of_intent, step ->> 0, step ->> 1, step ->> 2);
  END LOOP;
  IF became IS NULL THEN RAISE EXCEPTION 'only what has an outcome is delivered'; END IF;
  locks := became = '@UNKNOWN@' AND NOT settled AND NOT EXISTS (
    SELECT FROM ncpconsole.intents WHERE site = of_site AND server_no = of_server AND holds);
  INSERT INTO ncpconsole.intents (id, site, server_no, state, outcome, is_resolved, holder, holds)
    VALUES (of_intent, of_site, of_server, '@DONE@', became, settled, 0, locks);
  RETURN true;
END $fn$;

REVOKE ALL ON SCHEMA ncpconsole FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA ncpconsole FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ncpconsole FROM PUBLIC;
GRANT USAGE ON SCHEMA ncpconsole TO @ROLE@;
GRANT SELECT ON ncpconsole.team, ncpconsole.events, ncpconsole.intents TO @ROLE@;
GRANT EXECUTE ON FUNCTION
  ncpconsole.claim(text, text, text, text, bigint), ncpconsole.sending(text, bigint), ncpconsole.finish(text, text),
  ncpconsole.resolve(text, text), ncpconsole.add(text, text, text), ncpconsole.deliver(text, text, text, json),
  ncpconsole.recover(bigint) TO @ROLE@;
COMMIT;
-- Then let each operator's own login be a member:  GRANT @ROLE@ TO ann;
"""

_WORDS = {
    "VERSION": str(VERSION),
    "CHANNEL": CHANNEL,
    "CHAIN_LOCK": str(CHAIN_LOCK),
    "CLAIMED_STATE": State.CLAIMED.value,
    "SENDING": State.SENDING.value,
    "DONE": State.DONE.value,
    "UNKNOWN": Outcome.UNKNOWN.value,
    "NOT_SENT": Outcome.NOT_SENT.value,
    "CLAIMED": Kind.CLAIMED.value,
    "SENDING_EVENT": Kind.SENDING.value,
    "FINISHED": Kind.FINISHED.value,
    "LATE": Kind.LATE_OUTCOME.value,
    "OBSERVED": Kind.OBSERVED.value,
    "RESOLVED": Kind.RESOLVED.value,
    "NOTED": Kind.NOTED.value,
    "DIED_SENDING": _ended(died_while_sending()),
    "DIED_BEFORE": _ended(died_before_sending()),
}


def schema_sql(role: str = DEFAULT_ROLE) -> str:
    """Everything that the database's owner runs once; ``role`` is the group of those who may send.

    Raises ValueError for a role whose name SQL would have to quote.
    """
    if not ROLE_NAME.fullmatch(role):
        raise ValueError(Sentence("The role's name must be small letters, digits and underscores."))
    return re.sub(r"@([A-Z_]+)@", lambda found: {**_WORDS, "ROLE": role}[found[1]], _TEMPLATE).lstrip()
