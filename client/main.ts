/**
 * What `pisync/client` exports: to read and drive sessions from a program. docs/client.md shows how; the command line
 * does all its work through the same client.
 */
export { PisyncClient } from "./pisync-client.ts";
export type { HistoryQuery, PageQuery } from "./parameters.ts";
export type { FollowLogOptions, LogFilter, LogItem } from "./follow-log.ts";
export type { StateItem } from "./follow-state.ts";
export { readImage } from "./read-image.ts";
export { PisyncError } from "../runtime/failure.ts";
export type { LaunchAnswer, LaunchRequest, TargetQuery } from "../protocol/daemon-api.ts";
export type { ErrorCode } from "../protocol/errors.ts";
export type { EventEnvelope, History, LogGap, LogSnapshot, MessagePage } from "../protocol/events.ts";
export type { PromptImage, PromptRecord, PromptRequest } from "../protocol/prompts.ts";
export type { Question } from "../protocol/questions.ts";
export type { SessionList, SessionSummary } from "../protocol/session.ts";
