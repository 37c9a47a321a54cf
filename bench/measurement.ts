import type { Row } from "./figures.ts";

export interface Options {
  /** Fewer rounds and smaller floods: to see that everything works, not for figures. */
  readonly quick: boolean;
  /** A line about what is going on, for the person who waits. */
  readonly progress: (line: string) => void;
}

/** Measures one thing in a world of its own and leaves nothing behind. Rejects when it could not be measured. */
export type Measurement = (options: Options) => Promise<Row[]>;
