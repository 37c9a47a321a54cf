import * as z from "zod";
import { Positive, text } from "./values.ts";

/** pisync's own immutable name of a session: eight characters, safe in a path, a socket name and a shell. */
export const SessionId = z.string().regex(/^[2-9a-km-np-z]{8}$/, "is not a session id");
export type SessionId = z.infer<typeof SessionId>;

/** Counts the lifetimes of a session's host, from 1. */
export const Generation = z.number().int().min(1).max(1_000_000);
export type Generation = z.infer<typeof Generation>;

/** Identifies a process beyond the reuse of its pid. `startTime` is opaque and only compared for equality. */
export const ProcessIdentity = z.object({ pid: Positive, startTime: text(64) });
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;
