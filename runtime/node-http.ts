/**
 * Node's http module, for every process of ours. Not `import "node:http"`: an ES import reads every export at
 * once, among them getters that load the whole fetch implementation, which costs 13 MB a process (measured on
 * Node 24; docs/adr/0013).
 */
export const { createServer, request } = process.getBuiltinModule("node:http");
