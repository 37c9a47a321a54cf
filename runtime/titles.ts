import type { AgentName, SessionSummary } from "../protocol/session.ts";
import { plainText } from "./sanitise.ts";

/** The most cells of a title. */
export const TITLE_CELLS = 80;

/** What a title can be made of, best first; text as it came from outside. */
export interface TitleParts {
  name?: string | undefined;
  firstMessage?: string | undefined;
  /** The command line, where one is known. */
  argv?: readonly string[] | undefined;
  agent: AgentName;
}

export type Title = Pick<SessionSummary, "title" | "titleSource">;

/**
 * The name its user gave it, else the first message, else the command line, else the agent's name. One line that is safe
 * on a terminal, cut at a word to 80 cells; what is invisible counts as absent.
 */
export function titleOf({ name, firstMessage, argv = [], agent }: TitleParts): Title {
  const given = shown(name);
  if (given !== "") return { title: given, titleSource: "name" };
  const message = shown(firstMessage);
  if (message !== "") return { title: message, titleSource: "first-message" };
  return { title: shown(argv.join(" ")) || agent, titleSource: "command" };
}

function shown(text: string | undefined): string {
  return plainText(text ?? "", { maxCells: TITLE_CELLS });
}
