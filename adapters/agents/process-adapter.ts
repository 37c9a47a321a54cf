import type { ProcessIdentity } from "../../protocol/ids.ts";
import type { ConversationRoot } from "./conversation-adapter.ts";

/** A running agent that draws its screen on a terminal, whoever started it. */
export interface AgentProcess {
  process: ProcessIdentity;
  /** Milliseconds since the epoch, within some 20 ms. */
  startedAt: number;
  /** Absolute, without symbolic links. */
  cwd: string;
  /** The terminal's device, e.g. /dev/pts/3. */
  tty: string;
  /** The pid of the process that leads the terminal's session: a login shell, or the child of a host. */
  leader: number;
  /**
   * What it was started with, of the variables that say where it runs and where its conversations are. Never
   * stored, logged or sent anywhere.
   */
  environment: Readonly<Record<string, string>>;
  /** Where it keeps its conversations, as far as that can be told. */
  conversationRoots: readonly ConversationRoot[];
}

/** Finds the running processes of one kind of agent. */
export interface ProcessAdapter {
  /**
   * The agent's processes of this user that are interactive: not those that print and exit or serve a program.
   * A process is one object for as long as it runs, and of an agent behind wrappers only the agent itself is
   * there. Cheap enough to be called every second or two; `thorough` spares nothing, for when somebody waits for
   * the answer.
   */
  look(options?: { thorough?: boolean }): Promise<readonly AgentProcess[]>;
  /**
   * What an agent has put on this screen since the last start of one there: other programs, and agents before it, may
   * have written above. Undefined when the screen does not show where that was.
   */
  sinceStart(screen: string): string | undefined;
  /** The process has said itself that it is interactive: looks find it from now on, whatever can be seen of it. */
  vouch(process: ProcessIdentity): void;
}
