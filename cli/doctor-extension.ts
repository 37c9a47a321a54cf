import { plainText } from "../runtime/sanitise.ts";
import type { Observed } from "./doctor-checks.ts";
import { inspectExtension, installedExtensionPath } from "./install/extension-target.ts";

/** Whether every pi reports to pisync, or only those that pisync starts. */
export async function installedExtension(env: Record<string, string>): Promise<Observed> {
  const path = installedExtensionPath(env);
  const shown = plainText(path);
  const found = await inspectExtension(path);
  switch (found.state) {
    case "absent":
      return { verdict: "ok", detail: "not installed: a pi that pisync did not start is known by its files" };
    case "current":
      return { verdict: "ok", detail: `${found.label.version}, ${shown}` };
    case "outdated": {
      const detail = `${shown} is of pisync ${plainText(found.label.version)}`;
      return { verdict: "advice", detail, next: "Bring it up to date with: pisync install extension" };
    }
    case "foreign":
      return { verdict: "advice", detail: `${shown} is not pisync's`, next: "Move it away if it is not needed." };
  }
}
