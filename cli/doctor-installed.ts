import { plainText } from "../runtime/sanitise.ts";
import type { Observed } from "./doctor-checks.ts";
import { inspectOwnFile, type OwnFile } from "./install/own-file.ts";

/** Whether something that can be installed is, and as this pisync would. `absent` says what is not so without it. */
export async function observeInstalled(file: OwnFile, absent: string): Promise<Observed> {
  const shown = plainText(file.path);
  const found = await inspectOwnFile(file);
  switch (found.state) {
    case "absent":
      return { verdict: "ok", detail: `not installed: ${absent}` };
    case "current":
      return { verdict: "ok", detail: `${found.label.version}, ${shown}` };
    case "outdated": {
      const next = `Bring it up to date with: pisync install ${file.target}`;
      return { verdict: "advice", detail: `${shown} is of pisync ${plainText(found.label.version)}`, next };
    }
    case "foreign":
      return { verdict: "advice", detail: `${shown} is not pisync's`, next: "Move it away if it is not needed." };
  }
}
