/**
 * What `pisync/client` exports: to read and drive sessions from a program. docs/client.md shows how; the command line
 * does all its work through the same client.
 */
export { PisyncClient } from "./pisync-client.ts";
export type { HistoryQuery, PageQuery } from "./pisync-client.ts";
export type { FollowLogOptions, LogFilter, LogItem } from "./follow-log.ts";
export type { StateItem } from "./follow-state.ts";
export { readImage } from "./read-image.ts";
export { PisyncError } from "../runtime/failure.ts";
