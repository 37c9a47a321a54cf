/** Environment the host gives its child; the extension does nothing when they are absent. */
export const AGENT_SOCKET_VARIABLE = "PISYNC_HOST_SOCKET";
export const SESSION_VARIABLE = "PISYNC_SESSION";
/** Identifies the generation, so that an old child cannot speak for a new host. */
export const AGENT_TOKEN_VARIABLE = "PISYNC_AGENT_TOKEN";
