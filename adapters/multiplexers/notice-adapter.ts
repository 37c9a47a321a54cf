/** How a multiplexer tells the people attached to it something, and whether they look at a terminal already. */
export interface NoticeAdapter {
  /** True when somebody attached to this server has the pane with this terminal in front. False when in doubt. */
  isInFront(socket: string, tty: string): Promise<boolean>;
  /** Of these terminals those whose pane somebody attached to this server sees, active or not. All of them in doubt. */
  visible(socket: string, ttys: readonly string[]): Promise<string[]>;
  /** Shows a line to everybody attached to this server, and rings. A server that is gone is told nothing. */
  announce(socket: string, text: string): Promise<void>;
}
