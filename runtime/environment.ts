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
