export interface HistoryQuery {
  event?: readonly string[] | undefined;
  /** Whole events instead of compact ones. */
  raw?: boolean | undefined;
  /** The newest ones. */
  limit?: number | undefined;
  /** ISO 8601, or milliseconds since the epoch. */
  since?: string | number | undefined;
  /** Events behind this `seq`. */
  after?: number | undefined;
  maxBytes?: number | undefined;
}

export interface PageQuery {
  /** Of the first message wanted, counted from the oldest, 0; without it the newest page is answered. */
  offset?: number | undefined;
  limit?: number | undefined;
}

/** A query, without what is undefined; several values have commas between them. */
export function parametersOf(query: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.toString();
}

/** Of something of a session. */
export function pathOf(...segments: string[]): string {
  return `/v1/sessions/${segments.map(encodeURIComponent).join("/")}`;
}
