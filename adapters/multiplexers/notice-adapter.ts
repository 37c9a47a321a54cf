/** How a multiplexer tells the people attached to it something, and whether they look at a terminal already. */
export interface NoticeAdapter {
  /** True when somebody attached to this server has the pane with this terminal in front. False when in doubt. */
  isInFront(socket: string, tty: string): Promise<boolean>;
  /** Shows a line to everybody attached to this server, and rings. A server that is gone is told nothing. */
  announce(socket: string, text: string): Promise<void>;
}
