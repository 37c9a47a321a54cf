import { join, resolve } from "node:path";

/**
 * Where bridges and their clients meet (docs/pi-bridge.md): `$PI_BRIDGE_DIR`, else what the configuration says, else
 * `pi-session-bridge-<uid>` in the temporary folder. `env` and `cwd` are those of the pi, or of the client. Pure.
 */
export function bridgeDirectory(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  configured?: string,
): string {
  const named = env["PI_BRIDGE_DIR"]?.trim();
  if (named) return resolve(cwd, named);
  if (configured !== undefined) return configured;
  const temporary = env["TMPDIR"] || env["TMP"] || env["TEMP"] || "/tmp";
  return resolve(cwd, join(temporary, `pi-session-bridge-${process.getuid?.() ?? 0}`));
}
