import { plainText } from "../runtime/sanitise.ts";

/** What a program tells its terminal of itself with OSC 7501. */
export interface ProgramStatus {
  state: "idle" | "working" | "done" | "error" | "blocked";
  /** The session's name, the dialog's title or the error's first line: plain text. */
  message?: string;
}

export const PROGRAM_STATUS_OSC = 7501;
/** Asks whether the terminal takes reports. */
export const PROGRAM_STATUS_QUERY = "?";
/** pi takes any answer that begins with the question mark for yes (1.1.0 to 1.5.2). */
export const PROGRAM_STATUS_ANSWER = "\x1b]7501;?\x1b\\";

/** pi's messages are at most 2 KiB. */
const MAX_REPORT_CHARACTERS = 4_096;
const MESSAGE_CELLS = 900;
const STATE = /^(idle|working|done|error|blocked)$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * Reads the parameters of an OSC 7501, `state=working:app=pi:msg=<base64>`; untrusted. Undefined for anything that is
 * no report of a state, among them `clear`: a program that leaves the terminal for a moment goes on nevertheless.
 */
export function parseProgramStatus(data: string): ProgramStatus | undefined {
  if (data.length > MAX_REPORT_CHARACTERS) return undefined;
  const fields = new Map(data.split(":").map((pair) => splitOnce(pair, "=")));
  const state = STATE.exec(fields.get("state") ?? "")?.[1] as ProgramStatus["state"] | undefined;
  if (state === undefined) return undefined;
  const encoded = fields.get("msg") ?? "";
  const message = BASE64.test(encoded)
    ? plainText(Buffer.from(encoded, "base64").toString("utf8"), { maxCells: MESSAGE_CELLS })
    : "";
  return { state, ...(message === "" ? {} : { message }) };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
