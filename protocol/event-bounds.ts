/** What the log keeps, and what is in an event; docs/protocol.md says what a reader sees of each. */
export const EVENT_BOUNDS = {
  /** Events in memory: what can be resumed from. */
  events: 500,
  /** Compact, of all events in memory. */
  historyBytes: 4 * 1024 * 1024,
  /** Compact, of one event: beyond it only what it is about is kept. */
  eventBytes: 8 * 1024,
  /** Of each text in a compact event. */
  previewBytes: 256,
  /** Whole events on disk, for `raw`. */
  spillBytes: 16 * 1024 * 1024,
  /** Of one answer, unless `max-bytes` says otherwise; the newest event is always in it. */
  answerBytes: 1024 * 1024,
  /** Of one answer, whatever `max-bytes` says. */
  longestAnswerBytes: 16 * 1024 * 1024,
  /** Of one whole event, as the extension sends it: longer texts in it are cut. */
  rawBytes: 256 * 1024,
} as const;
