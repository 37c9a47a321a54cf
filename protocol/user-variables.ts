/** Set by the user to run pi without the extension. */
export const NO_EXTENSION_VARIABLE = "PISYNC_NO_EXTENSION";
/** Set by the user to name the adapter of a command that pisync does not recognise. */
export const ADAPTER_VARIABLE = "PISYNC_ADAPTER";
