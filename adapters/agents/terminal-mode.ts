import { execFile } from "node:child_process";

const ANSWER_MS = 2_000;

/**
 * True when programs get each key of this terminal at once, as one that draws a screen wants it; false when the
 * terminal collects lines. Undefined when it cannot be looked at (another user's). Node cannot ask a terminal that is not its
 * own, so stty(1) does.
 */
export function readsKeys(tty: string): Promise<boolean | undefined> {
  const env = { PATH: `${process.env["PATH"] ?? ""}:/usr/bin:/bin`, LC_ALL: "C" };
  const args = [process.platform === "darwin" ? "-f" : "-F", tty, "-a"];
  return new Promise((resolve) => {
    execFile("stty", args, { env, timeout: ANSWER_MS, encoding: "utf8" }, (error, stdout) => {
      resolve(error === null ? /(?:^|\s)-icanon\b/.test(stdout) : undefined);
    });
  });
}
