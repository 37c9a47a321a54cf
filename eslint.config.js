import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { importDirection } from "./scripts/lint/import-direction.ts";

/** Selectors for what no file may contain, with the way to do it instead. */
const RESTRICTED_SYNTAX = [
  {
    selector: "ImportDeclaration[source.value='zod'][importKind='value'] > ImportSpecifier",
    message: 'Write `import * as z from "zod"`: the bundle then drops the unused half of zod.',
  },
  { selector: "Property[key.name='shell']", message: "Never a shell string: pass an argv." },
];

const NO_SHELL = {
  name: "node:child_process",
  importNames: ["exec", "execSync"],
  message: "Never a shell string: pass an argv to spawn or execFile.",
};

const NO_HTTP = {
  name: "node:http",
  allowTypeImports: true,
  message: "Take it from runtime/node-http.ts, which spares a process the fetch implementation (docs/adr/0013).",
};

export default defineConfig(
  globalIgnores(["dist/", "**/node_modules/"]),
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { pisync: { rules: { "import-direction": importDirection } } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "pisync/import-direction": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", caughtErrors: "none" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-restricted-imports": ["error", { paths: [NO_SHELL] }],
      "no-restricted-syntax": ["error", ...RESTRICTED_SYNTAX],
      "max-lines": ["warn", { max: 300 }],
      eqeqeq: "error",
    },
  },
  {
    // Their standard streams are nobody's terminal, and inside pi a print corrupts the screen.
    files: ["protocol/**", "runtime/**", "host/**", "daemon/**", "adapters/**", "client/**"],
    rules: { "no-console": "error" },
  },
  {
    files: ["runtime/**", "client/**", "host/**", "daemon/**"],
    ignores: ["runtime/node-http.ts"],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { paths: [NO_SHELL, NO_HTTP] }] },
  },
);
