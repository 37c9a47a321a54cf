import { findProgram } from "../../runtime/find-program.ts";
import { distFile } from "../../runtime/version.ts";
import { withInstallHint } from "../install-hint.ts";

/**
 * The user's pi, else the one that comes with a checkout of pisync.
 * @throws PisyncError `program-not-found`, with how to install pi.
 */
export async function findPi(env: NodeJS.ProcessEnv): Promise<string> {
  const onPath = { PATH: env["PATH"] ?? "" };
  try {
    return await findProgram("pi", onPath, process.cwd());
  } catch (error) {
    const bundled = distFile("../node_modules/.bin/pi");
    return findProgram(bundled, {}, process.cwd()).catch(() => withInstallHint(error));
  }
}
