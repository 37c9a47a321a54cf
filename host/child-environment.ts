import { AGENT_SOCKET_VARIABLE, AGENT_TOKEN_VARIABLE, SESSION_VARIABLE } from "../protocol/session-variables.ts";
import type { SessionId } from "../protocol/ids.ts";
import { NO_EXTENSION_VARIABLE } from "../protocol/user-variables.ts";

/**
 * Variables that describe the terminal a session was launched from. A session is seen in many terminals, so
 * its child must not draw for one of them (pi would send kitty images to every view, for example).
 */
const TERMINAL_VARIABLES = new Set([
  "TERM_PROGRAM",
  "TERM_PROGRAM_VERSION",
  "TERM_SESSION_ID",
  "TERM_FEATURES",
  "KITTY_WINDOW_ID",
  "KITTY_PID",
  "KITTY_PUBLIC_KEY",
  "KITTY_INSTALLATION_DIR",
  "KITTY_LISTEN_ON",
  "ITERM_SESSION_ID",
  "ITERM_PROFILE",
  "LC_TERMINAL",
  "LC_TERMINAL_VERSION",
  "WEZTERM_PANE",
  "WEZTERM_EXECUTABLE",
  "WEZTERM_UNIX_SOCKET",
  "GHOSTTY_RESOURCES_DIR",
  "GHOSTTY_BIN_DIR",
  "ALACRITTY_WINDOW_ID",
  "ALACRITTY_SOCKET",
  "ALACRITTY_LOG",
  "VTE_VERSION",
  "KONSOLE_VERSION",
  "KONSOLE_DBUS_SESSION",
  "WT_SESSION",
  "WT_PROFILE_ID",
  "WINDOWID",
  "STY",
  "WINDOW",
  "ZELLIJ",
  "ZELLIJ_PANE_ID",
  "ZELLIJ_SESSION_NAME",
  "COLUMNS",
  "LINES",
  "TERMCAP",
]);

export interface ChildIdentity {
  session: SessionId;
  hostSocket: string;
  /** Of an agent: whoever has it speaks for the session. */
  agentToken?: string | undefined;
  stateDirectory: string;
}

/**
 * The child's environment: the launcher's, without what belongs to the launcher's pane, session or terminal,
 * plus what the extension needs to reach its host. That the user wants no extension goes for an installed one, too.
 * The terminal is always an xterm with 256 colours; whether direct colour is announced (COLORTERM) is the launcher's
 * word.
 */
export function childEnvironment(
  launcher: Record<string, string>,
  cwd: string,
  identity: ChildIdentity,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(launcher)) {
    if (name.startsWith("TMUX") || TERMINAL_VARIABLES.has(name)) continue;
    if (name.startsWith("PISYNC_") && name !== NO_EXTENSION_VARIABLE) continue;
    env[name] = value;
  }
  return {
    ...env,
    TERM: "xterm-256color",
    PWD: cwd,
    PISYNC_STATE_DIR: identity.stateDirectory,
    [SESSION_VARIABLE]: identity.session,
    [AGENT_SOCKET_VARIABLE]: identity.hostSocket,
    ...(identity.agentToken === undefined ? {} : { [AGENT_TOKEN_VARIABLE]: identity.agentToken }),
  };
}
