/** Version of the wire protocols below. A daemon and a host answer with theirs; see docs/protocol.md. */
export const PROTOCOL_VERSION = 1;

/** Version of every file and `--json` shape that carries `schemaVersion`. */
export const SCHEMA_VERSION = 1;
