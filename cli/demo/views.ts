/** Two terminals on one session, as the narrated demo uses them. */
export interface TwoViews {
  /** In words, for the narration. */
  readonly kind: string;
  /** Columns of each. */
  readonly width: number;
  /** Types into the first one, without Enter. */
  type(text: string): Promise<void>;
  pressEnter(): Promise<void>;
  /** What each shows, one line a row. */
  screens(): Promise<[string, string]>;
  /** Attaches both anew, to the same session. */
  attachAgain(): Promise<void>;
  /** The exit code each ended with; undefined while it has not. */
  exitCodes(): Promise<[number | undefined, number | undefined]>;
  close(): Promise<void>;
}
