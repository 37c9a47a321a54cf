/** The value that this share (0 to 1) of the values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export interface Target {
  /** As the table shows it. */
  text: string;
  met: boolean;
}

export interface Row {
  /** What was measured, and with how many views. */
  figure: string;
  unit: string;
  pisync: number;
  tmux?: number | undefined;
  dtach?: number | undefined;
  /** pi itself, without pisync. */
  pi?: number | undefined;
  target?: Target | undefined;
  note?: string | undefined;
}

/** A target that a value of ours must not exceed. */
export function atMost(value: number, limit: number, unit: string): Target {
  return { text: `<= ${limit} ${unit}`, met: value <= limit };
}

/** A target for ours / tmux's. Undefined without tmux. */
export function ratioTarget(
  ours: number,
  tmux: number | undefined,
  limit: { atMost: number } | { atLeast: number },
): Target | undefined {
  if (tmux === undefined) return undefined;
  return "atMost" in limit
    ? { text: `<= ${limit.atMost} x tmux`, met: ours / tmux <= limit.atMost }
    : { text: `>= ${limit.atLeast} x tmux`, met: ours / tmux >= limit.atLeast };
}
