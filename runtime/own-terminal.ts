import { execFileSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { isatty } from "node:tty";

/** The device of the terminal on this process's standard input, e.g. /dev/pts/3; undefined when it is none. */
export function ownTerminal(): string | undefined {
  if (!isatty(0)) return undefined;
  try {
    const device = process.platform === "linux" ? readlinkSync("/proc/self/fd/0") : askTty();
    return device.startsWith("/dev/") ? device : undefined;
  } catch {
    return undefined;
  }
}

/** Elsewhere only ttyname(3) knows, and tty(1) calls it. */
function askTty(): string {
  return execFileSync("tty", { stdio: ["inherit", "pipe", "ignore"], encoding: "utf8" }).trim();
}
