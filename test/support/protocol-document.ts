import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type * as z from "zod";
import * as daemonState from "../../protocol/daemon-state.ts";
import * as daemonApi from "../../protocol/daemon-api.ts";
import * as events from "../../protocol/events.ts";
import { HostState } from "../../protocol/session.ts";

const root = join(import.meta.dirname, "..", "..");

/** A fenced block of docs/protocol.md: ```json SessionList is `{ kind: "json", words: ["SessionList"] }`. */
export interface Block {
  kind: string;
  words: string[];
  text: string;
}

export async function readDocument(): Promise<{ text: string; blocks: Block[] }> {
  const text = await readFile(join(root, "docs", "protocol.md"), "utf8");
  const blocks = [...text.matchAll(/^```(\S+)(.*)\n([^]*?)^```$/gm)].map(([, kind = "", words = "", inside = ""]) => {
    return { kind, words: words.trim().split(" ").filter(Boolean), text: inside };
  });
  return { text, blocks };
}

/** Every schema of protocol/, by its name. */
export async function schemas(): Promise<Record<string, z.ZodType>> {
  const files = (await readdir(join(root, "protocol"))).filter((name) => name.endsWith(".ts"));
  const modules = await Promise.all(files.map((file) => import(join(root, "protocol", file)) as Promise<object>));
  return Object.assign({}, ...modules) as Record<string, z.ZodType>;
}

/** What the events of a stream carry, by their names; `*` is for every other. */
export const STREAMS: Record<string, Record<string, z.ZodType>> = {
  state: {
    snapshot: daemonState.StateSnapshot,
    change: daemonState.StateChange,
    index: daemonState.IndexState,
    preferences: daemonState.Preferences,
    gap: daemonState.StateGap,
  },
  host: { state: HostState },
  log: { snapshot: events.LogSnapshot, gap: events.LogGap, "*": events.EventEnvelope },
  logs: { snapshot: daemonState.StateSnapshot.pick({ sessions: true }), gap: events.LogGap, "*": events.EventEnvelope },
  orders: { show: daemonApi.Order },
};

export function schemaOf(stream: string, event: string): z.ZodType {
  const found = STREAMS[stream]?.[event] ?? STREAMS[stream]?.["*"];
  if (found === undefined) throw new Error(`A stream of ${stream} has no event ${event}.`);
  return found;
}

/** The lines of a block as JSON. */
export function linesOf({ text }: Block): unknown[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

/** The events in a block of server-sent events. */
export function eventsOf({ text }: Block): { event: string; data: unknown }[] {
  return text
    .trim()
    .split("\n\n")
    .map((frame) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(frame)?.[1] ?? "";
      return { event: field("event"), data: JSON.parse(field("data")) as unknown };
    });
}
