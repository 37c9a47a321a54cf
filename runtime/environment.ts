import { ADAPTER_VARIABLE, NO_EXTENSION_VARIABLE } from "../protocol/user-variables.ts";

/**
 * What a daemon or a host may inherit: everything except what ties a process to one pane or one session.
 * `TMUX*` names the launcher's pane and `PISYNC_*` the launcher's session; `PISYNC_STATE_DIR` alone stays,
 * because it says which pisync this is.
 */
export function inheritableEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || name.startsWith("TMUX")) continue;
    if (name.startsWith("PISYNC_") && name !== "PISYNC_STATE_DIR") continue;
    kept[name] = value;
  }
  return kept;
}

/**
 * What a session's program gets of this environment: nothing that ties it to this pane or to the session
 * around it, but what the user set for pisync's own adapters. tmux translates direct colour for terminals that
 * lack it, so inside tmux a program may use it.
 */
export function launchEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const launched = inheritableEnvironment(env);
  for (const name of [NO_EXTENSION_VARIABLE, ADAPTER_VARIABLE]) {
    const value = env[name];
    if (value !== undefined) launched[name] = value;
  }
  return env.TMUX === undefined ? launched : { COLORTERM: "truecolor", ...launched };
}
