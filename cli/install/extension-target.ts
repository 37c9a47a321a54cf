import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { agentDirectoryOf } from "../../adapters/agents/pi/session-directory.ts";
import { plainText } from "../../runtime/sanitise.ts";
import { distFile, PACKAGE_VERSION } from "../../runtime/version.ts";
import type { InstallPlan, InstallTarget } from "./install-target.ts";
import { findOwnFile, removeOwnFile, writeOwnFile, type OwnFile } from "./own-file.ts";

/** pi loads the .js and .ts files of this folder of its agent directory, and no .mjs (0.73.1 to 1.5.2). */
const FOLDER = "extensions";
const FILE = "pisync.js";

/** Where every pi of this environment loads it from. */
export function installedExtension(env: Record<string, string>): OwnFile {
  return {
    path: join(agentDirectoryOf(env, process.cwd()), FOLDER, FILE),
    target: "extension",
    comment: "//",
    body: () => readFile(distFile("pisync-extension.mjs"), "utf8"),
  };
}

/** The extension of pi for every pi, not only those that pisync starts. */
export function extensionTarget(env: Record<string, string>): InstallTarget {
  const file = installedExtension(env);
  const shown = plainText(file.path);

  async function planInstall(): Promise<InstallPlan> {
    const found = await findOwnFile(file);
    if (found.state === "current") return { says: [`${shown} is installed and up to date (${PACKAGE_VERSION}).`] };
    const what =
      found.state === "absent"
        ? `Puts a copy of pisync's extension for pi at ${shown}.`
        : `Replaces the copy of pisync ${plainText(found.label.version)} at ${shown} by that of ${PACKAGE_VERSION}.`;
    return {
      says: [
        what,
        "Every pi of yours then tells pisync on this machine which conversation it has open and whether it works or waits,",
        "so that list and sidebar are exact about those that pisync did not start, too. One that runs already: /reload.",
      ],
      async apply() {
        await writeOwnFile(file);
        return `Installed ${shown}.`;
      },
    };
  }

  async function planRemoval(): Promise<InstallPlan> {
    if ((await findOwnFile(file)).state === "absent") return { says: [`${shown} is not there: nothing to remove.`] };
    return {
      says: [`Removes ${shown}. A pi that runs goes on reporting until it ends or does /reload.`],
      async apply() {
        await removeOwnFile(file);
        return `Removed ${shown}.`;
      },
    };
  }

  return { planInstall, planRemoval };
}
