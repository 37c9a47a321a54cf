import { readdir, rename, rm } from "node:fs/promises";
import { PromptRecords } from "../../control/prompt-records.ts";
import { PromptStore } from "../../control/prompt-store.ts";
import { SessionId } from "../../protocol/ids.ts";
import type { PromptList } from "../../protocol/prompts.ts";
import { SessionRecord } from "../../protocol/session.ts";
import { errorText } from "../../runtime/sanitise.ts";
import { PisyncError } from "../../runtime/failure.ts";
import { readJsonFile, writeJsonFile } from "../../runtime/json-file.ts";
import type { Log } from "../../runtime/log.ts";
import type { StatePaths } from "../../runtime/paths.ts";
import { canResumeConversation } from "../../runtime/resumable.ts";
import { ensurePrivateDirectory } from "../../runtime/secure-directory.ts";

/** Ended sessions that hold no conversation are only worth so many; the oldest go first. */
const MAX_ENDED_WITHOUT_CONVERSATION = 200;

/** A session as the daemon knows it. */
export interface SessionEntry {
  readonly record: SessionRecord;
  /**
   * False for an ended pi session whose conversation never got a message, when no prompt waits either: pi wrote no file
   * to go back to.
   */
  readonly resumable: boolean;
}

/**
 * Every session's record. The file belongs to the session's host while there is one, and to this object
 * otherwise; what hosts report is only remembered here.
 */
export interface SessionRecords {
  all(): SessionEntry[];
  get(id: SessionId): SessionEntry | undefined;
  /** Remembers what the host, who owns the file, says. */
  remember(record: SessionRecord): void;
  /** Writes the record of a session that has no host. */
  save(record: SessionRecord): Promise<void>;
  /** A session that has ended was sent prompts which are to be delivered when it is resumed. */
  promptsWait(id: SessionId): Promise<boolean>;
  /** The prompts of a session that has ended, as the next host would find them. */
  prompts(id: SessionId): Promise<PromptList>;
  /** Reads one record again. Undefined when the file is missing or broken. */
  reload(id: SessionId): Promise<SessionEntry | undefined>;
  /** Reads every record again that has no host, and new ones; returns those that have one now. */
  reloadEnded(): Promise<SessionRecord[]>;
  /** Removes the oldest ended sessions without a conversation, beyond 200. */
  prune(): Promise<void>;
  /** Tells of each session whose record is new, another one or gone. */
  onChange(listener: (id: SessionId) => void): () => void;
}

/**
 * Reads every `sessions/<id>/session.json`. A broken one is kept aside as `session.json.broken` and said in
 * the log; the others are unaffected.
 */
export async function loadSessionRecords(paths: StatePaths, log: Log): Promise<SessionRecords> {
  const entries = new Map<SessionId, SessionEntry>();
  const listeners = new Set<(id: SessionId) => void>();

  function put(id: SessionId, entry: SessionEntry | undefined): void {
    if (entry === undefined) entries.delete(id);
    else entries.set(id, entry);
    for (const listener of listeners) listener(id);
  }

  async function canResume(record: SessionRecord): Promise<boolean> {
    if (record.host !== undefined || record.agent === "command" || (await canResumeConversation(record))) return true;
    return promptsWait(record.id);
  }

  function promptsWait(id: SessionId): Promise<boolean> {
    return new PromptStore(paths.promptsDirectory(id)).owes(log);
  }

  async function prompts(id: SessionId): Promise<PromptList> {
    const found = new PromptRecords(new PromptStore(paths.promptsDirectory(id)));
    await found.load(log);
    found.takeUp(entries.get(id)?.record.conversation?.id);
    return found.list();
  }

  async function reload(id: SessionId): Promise<SessionEntry | undefined> {
    const before = entries.get(id);
    const record = await readRecord(paths, id, log);
    const resumable = record !== undefined && (await canResume(record));
    // Written meanwhile: what was read may be what was there before that.
    if (entries.get(id) !== before) return reload(id);
    if (record === undefined) put(id, undefined);
    // What a new host has said is newer than a file of the one before.
    else if (before === undefined || before.record.generation <= record.generation) put(id, { record, resumable });
    return entries.get(id);
  }

  async function reloadEnded(): Promise<SessionRecord[]> {
    const found: SessionRecord[] = [];
    for (const name of await readdir(paths.sessionsDirectory)) {
      const id = SessionId.safeParse(name);
      if (!id.success || entries.get(id.data)?.record.host !== undefined) continue;
      const entry = await reload(id.data);
      if (entry?.record.host !== undefined) found.push(entry.record);
    }
    return found;
  }

  async function prune(): Promise<void> {
    const ended = [...entries.values()].filter(({ record, resumable }) => isDisposable(record, resumable));
    ended.sort((left, right) => right.record.updatedAt - left.record.updatedAt);
    for (const { record } of ended.slice(MAX_ENDED_WITHOUT_CONVERSATION)) {
      put(record.id, undefined);
      await removeSession(paths, record.id);
      log.info("session-removed", { session: record.id });
    }
  }

  await reloadEnded();
  await prune();

  return {
    all: () => [...entries.values()],
    get: (id) => entries.get(id),
    remember(record) {
      put(record.id, { record, resumable: entries.get(record.id)?.resumable ?? true });
    },
    async save(record) {
      await ensurePrivateDirectory(paths.sessionDirectory(record.id));
      await writeJsonFile(paths.sessionRecord(record.id), record);
      put(record.id, { record, resumable: await canResume(record) });
    },
    promptsWait,
    prompts,
    reload,
    reloadEnded,
    prune,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

async function readRecord(paths: StatePaths, id: SessionId, log: Log): Promise<SessionRecord | undefined> {
  const file = paths.sessionRecord(id);
  try {
    const record = await readJsonFile(file, SessionRecord);
    if (record !== undefined && record.id !== id) {
      throw new PisyncError("malformed", `The record is that of session ${record.id}.`);
    }
    return record;
  } catch (error) {
    log.error("session-record-broken", { session: id, reason: errorText(error), keptAs: `${file}.broken` });
    await rename(file, `${file}.broken`).catch((cause: unknown) => {
      log.error("session-record-not-kept", { session: id, reason: errorText(cause) });
    });
    return undefined;
  }
}

function isDisposable(record: SessionRecord, resumable: boolean): boolean {
  return record.host === undefined && (record.agent === "command" || !resumable);
}

async function removeSession(paths: StatePaths, id: SessionId): Promise<void> {
  await rm(paths.sessionDirectory(id), { recursive: true, force: true });
  const log = paths.logFile(`host-${id}`);
  for (const file of [log, `${log}.1`]) await rm(file, { force: true });
}
