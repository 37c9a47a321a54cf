import * as z from "zod";

/** Milliseconds since the epoch. */
const Instant = z.number().int().nonnegative();

/**
 * What the end of a conversation's active branch says about the agent: the input of its status when nothing better
 * is known. Plain data, kept in the index.
 */
export const ConversationTip = z.object({
  /** The last entry that means something; `none` in a conversation without one. */
  entry: z.enum(["none", "user", "tool-use", "tool-result", "stopped", "aborted", "error"]),
  /** When that entry was written, by its own timestamp. */
  at: Instant,
  /** When the run it belongs to began: the time of the user's last message up to it. */
  runAt: Instant,
  /** Its id, so that a later edit of it is recognised. */
  entryId: z.string().optional(),
  /** The agent's errors in a row up to this entry. */
  errors: z.number().int().nonnegative(),
  /** The last error's message. */
  error: z.string().max(2000).optional(),
  /** The last error was edited out of the context: the agent is going to retry it. */
  retried: z.boolean(),
  /** The file was written by a pi that edits errors which it retries out of the context (from 0.87). */
  marksRetries: z.boolean(),
});
export type ConversationTip = z.infer<typeof ConversationTip>;

/** What is known of a conversation from the complete lines read so far. Plain data, kept in the index. */
export const ConversationReading = z.object({
  header: z
    .object({
      id: z.string().min(1).max(256),
      /** Absent in a header without one. */
      cwd: z.string().max(4096).optional(),
      createdAt: Instant,
      /** The conversation it was forked from: an id, or a path as the agent wrote it. */
      parent: z.string().max(4096).optional(),
    })
    .optional(),
  /** The first entry is no header: the file is no conversation, and nothing else of it is read. */
  foreign: z.literal(true).optional(),
  /** The last name its user gave it. */
  name: z.string().max(1000).optional(),
  firstMessage: z.string().max(1000).optional(),
  /** Messages of user and agent, without the results of tools. */
  messages: z.number().int().nonnegative(),
  lastActivity: Instant.optional(),
  tip: ConversationTip,
  /** Lines that were no entry: broken, binary, or of no known shape. */
  strangeLines: z.number().int().nonnegative(),
});
export type ConversationReading = z.infer<typeof ConversationReading>;

/** Something that was said, to be searched for. */
export interface Passage {
  role: "user" | "agent" | "summary" | "command";
  text: string;
  at: number;
  /** Where its line begins in the file, in bytes. */
  offset: number;
}

/** A place where conversations are kept. */
export interface ConversationRoot {
  path: string;
  /** 0: the files lie in it; 1: in its folders. */
  depth: 0 | 1;
}

/** What decides how the end of a conversation is to be read. */
export interface TipContext {
  /** Milliseconds since the epoch. */
  now: number;
  /** A process that may go on writing has it open. */
  held: boolean;
  /** How often the agent retries an error before it gives up. */
  maxRetries: number;
  /** The longest pause before a retry, in milliseconds. */
  maxRetryDelayMs: number;
}

/** The status that the conversation alone shows. */
export interface TipVerdict {
  state: "working" | "idle" | "error" | "interrupted";
  since: number;
  error?: string | undefined;
  /** In words a user understands: why. */
  evidence: string;
  /** When the verdict changes although nothing is written, milliseconds since the epoch. */
  changesAt?: number | undefined;
}

/** How the conversations of one agent are read. Pure; never throws on content. */
export interface ConversationReader {
  isConversationFile(name: string): boolean;
  emptyReading(): ConversationReading;
  /** The reading after more complete lines (each with its line feed), which begin where the last ones ended. */
  read(before: ConversationReading, lines: Buffer): ConversationReading;
  /** What was said in these complete lines; `offset` is where they begin in the file. */
  passages(lines: Buffer, offset: number): Passage[];
}

/** How the conversations of one agent are found and read, and what they say. */
export interface ConversationAdapter extends ConversationReader {
  /** Every place where conversations may be for this environment; none need exist. */
  roots(env: Record<string, string>): Promise<ConversationRoot[]>;
  verdict(tip: ConversationTip, context: TipContext): TipVerdict;
  /** How this agent retries in that directory: its global settings, and the project's where it is trusted. */
  retryLimits(cwd: string, env: Record<string, string>): Promise<Pick<TipContext, "maxRetries" | "maxRetryDelayMs">>;
}
