import type * as esbuild from "esbuild";

/**
 * ws loads these for addresses that begin with wss: and for compressed messages, which nothing here has or asks
 * for; they cost 2 MB a process.
 */
export const withoutUnused: esbuild.Plugin = {
  name: "without-unused",
  setup(build) {
    build.onResolve({ filter: /^(https|tls|zlib)$/ }, ({ path, importer }) =>
      /[\\/]ws[\\/]lib[\\/]/.test(importer) ? { path, namespace: "unused" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "unused" }, () => ({ contents: "module.exports = {};" }));
  },
};

/**
 * What commander imports for what is not used here, or seldom: as ES modules these read every export of theirs at
 * once, getters included, which costs each command 5 to 10 ms (docs/adr/0032).
 */
const COMMANDERS_BUILTINS: Readonly<Record<string, string>> = {
  "node:child_process": "export default undefined;",
  "node:process": "export default globalThis.process;",
  "node:util":
    'export const stripVTControlCharacters = (text) => process.getBuiltinModule("node:util").stripVTControlCharacters(text);',
};

export const withLeanCommander: esbuild.Plugin = {
  name: "lean-commander",
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, importer }) =>
      path in COMMANDERS_BUILTINS && /[\\/]commander[\\/]lib[\\/]/.test(importer)
        ? { path, namespace: "commanders-builtins" }
        : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "commanders-builtins" }, ({ path }) => ({
      contents: COMMANDERS_BUILTINS[path] ?? "",
    }));
  },
};

/**
 * The ES module that Node makes of a built-in module reads all that it exports as soon as it is loaded, getters
 * included: a comparison of texts, the parsing of arguments and worker threads with node:util, web crypto with
 * node:crypto (docs/adr/0070). These stand-ins read what is imported from them.
 */
export const withLeanBuiltins: esbuild.Plugin = {
  name: "lean-builtins",
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "builtins" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "builtins" }, ({ path }) => ({ contents: standInFor(path) }));
  },
};

/** Each export is marked as pure, so that one which nobody imports is left out. */
function standInFor(builtin: string): string {
  const names = Object.keys(process.getBuiltinModule(builtin) as object).filter((name) => /^[A-Za-z]\w*$/.test(name));
  return [
    `const builtin = process.getBuiltinModule("${builtin}"); export default builtin;`,
    ...names.map(
      (name) => `const ${name}_ = /* @__PURE__ */ (() => builtin.${name})(); export { ${name}_ as ${name} };`,
    ),
  ].join("\n");
}
