import { resolve } from "node:path";
import { SESSION_VARIABLE } from "../protocol/session-variables.ts";
import type { TargetQuery } from "../protocol/daemon-api.ts";
import { PisyncError } from "../runtime/failure.ts";

/** The filters that name a session instead of TARGET. */
export interface TargetFilters {
  pid?: string | undefined;
  cwd?: string | undefined;
  session?: string | undefined;
  name?: string | undefined;
  socket?: string | undefined;
}

const MAX_PID = 2 ** 31;

/**
 * What to ask the daemon for. Without target and filters that is this pane's own session, when this is a
 * pisync pane, else the only live session.
 * @throws PisyncError `usage`.
 */
export function targetQuery(
  target: string | undefined,
  filters: TargetFilters,
  context: { env: NodeJS.ProcessEnv; kind: TargetQuery["kind"] },
): Partial<TargetQuery> {
  const query: Partial<TargetQuery> = { kind: context.kind };
  if (target !== undefined) query.target = given("TARGET", target);
  if (filters.pid !== undefined) query.pid = parsePid(filters.pid);
  if (filters.cwd !== undefined) query.cwd = resolve(given("--cwd", filters.cwd));
  if (filters.session !== undefined) query.session = given("--session", filters.session);
  if (filters.name !== undefined) query.name = given("--name", filters.name);
  if (filters.socket !== undefined) query.socket = resolve(given("--socket", filters.socket));
  const ownSession = context.env[SESSION_VARIABLE];
  if (Object.keys(query).length === 1 && ownSession) query.target = ownSession;
  return query;
}

/** True when the query names a session, by target or filter. */
export function namesSession(query: Partial<TargetQuery>): boolean {
  return Object.keys(query).some((field) => field !== "kind");
}

function given(what: string, value: string): string {
  if (value !== "") return value;
  throw new PisyncError("usage", `The value of ${what} is empty.`, {
    next: "Run pisync list to see what you can name.",
  });
}

function parsePid(text: string): number {
  const pid = /^\d+$/.test(text) ? Number(text) : 0;
  if (pid > 0 && pid < MAX_PID) return pid;
  throw new PisyncError("usage", `The value of --pid, ${JSON.stringify(text)}, is not a process id.`, {
    next: "Run pisync list --json to see the process id of each session.",
  });
}
