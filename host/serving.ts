/**
 * What a host needs besides the child, which starts while this loads. It is one module so that it is one file when built:
 * Node takes a path apart for each, and from about twenty on V8 optimises the functions that do so, which makes 5 MiB of
 * its compilers resident (docs/adr/0070).
 */
export { openAgentControl, SESSION_ENDED } from "../control/agent-control.ts";
export { AgentChannel } from "./agent-channel.ts";
export { serveHostApi } from "./api.ts";
export { Terminal } from "./terminal.ts";
