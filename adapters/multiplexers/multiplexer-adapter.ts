/**
 * A pane of a terminal multiplexer. Panes are numbered anew by each server, so the terminal's device belongs to the
 * address: it tells the pane meant from another one that has its id now.
 */
export interface PaneAddress {
  /** The server's socket. */
  socket: string;
  /** The pane's id, e.g. %7. */
  pane: string;
  /** The device of the pane's terminal, e.g. /dev/pts/3. */
  tty: string;
}

/** What a pane shows, line by line, without colours. */
export interface PaneText {
  text: string;
  /** A program has the whole screen to itself (the alternate screen), so that nothing else can be on it. */
  fullScreen: boolean;
}

/** What became of the wish to see a pane. */
export type Shown =
  /** It is what this terminal shows now; `here` when that is the terminal of the person who asked. */
  | { outcome: "shown"; terminal: string; here: boolean }
  /** No terminal shows the pane's session: this command does, in a terminal outside of the multiplexer. */
  | { outcome: "unattended"; attach: string[] }
  | { outcome: "gone" };

/** How pisync talks to a terminal multiplexer. Everything it answers with is outside text. */
export interface MultiplexerAdapter {
  /**
   * The pane that shows this terminal, looked up where the environment of a process on it says. Undefined when
   * there is none: the environment may be stale or inherited.
   */
  paneOf(environment: Readonly<Record<string, string | undefined>>, tty: string): Promise<PaneAddress | undefined>;
  /**
   * The pane's text, with `scrollback` lines above it unless one program has the whole screen. Undefined when the pane
   * or its server is gone, or does not answer.
   */
  capture(pane: PaneAddress, options: { scrollback: number }): Promise<PaneText | undefined>;
  /**
   * Shows the pane to a person whose environment is this one: in their own terminal when that is attached to the
   * same server, else in one that shows the pane's session already.
   * @throws PisyncError when the server does not answer.
   */
  show(pane: PaneAddress, environment: Readonly<Record<string, string | undefined>>): Promise<Shown>;
}
