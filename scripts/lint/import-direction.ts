import { dirname, join, relative } from "node:path";
import type { Rule } from "eslint";

/** What each zone may import besides itself. Folders that are not here (tests, benchmarks, scripts) are free. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  protocol: [],
  runtime: ["protocol"],
  control: ["protocol", "runtime"],
  host: ["protocol", "runtime", "control"],
  "adapter-interface": ["protocol", "runtime"],
  adapters: ["protocol", "runtime", "adapter-interface"],
  extension: [],
  daemon: ["protocol", "runtime", "control", "adapter-interface"],
  "daemon-main": ["protocol", "runtime", "control", "adapter-interface", "adapters", "daemon"],
  sidebar: ["protocol", "runtime", "adapter-interface"],
  "sidebar-main": ["protocol", "runtime", "adapter-interface", "adapters", "sidebar"],
  client: ["protocol", "runtime"],
  cli: ["protocol", "runtime", "client", "adapter-interface", "adapters"],
};

/** Files that are a zone apart from the folder they lie in. Every other file belongs to its top folder's zone. */
const ZONES_APART: readonly (readonly [RegExp, string])[] = [
  [/^adapters\/agents\/pi\/extension\//, "extension"],
  [/^adapters\/[a-z-]+\/[a-z]+-adapter\.ts$/, "adapter-interface"],
  [/^daemon\/(conversation-index\/)?main\.ts$/, "daemon-main"],
  [/^sidebar\/main\.ts$/, "sidebar-main"],
];

/** Packages with one importer, so that replacing them, or their cost at start, concerns one file. */
const OWNED_PACKAGES: readonly { packages: RegExp; owners: RegExp; ownerName: string }[] = [
  { packages: /^(node-pty|@lydell)(\/|$)/, owners: /^host\/pty\.ts$/, ownerName: "host/pty.ts" },
  { packages: /^@xterm\//, owners: /^host\/screen\//, ownerName: "host/screen/" },
  {
    packages: /^node:sqlite$/,
    owners: /^daemon\/conversation-index\/store\.ts$/,
    ownerName: "daemon/conversation-index/store.ts",
  },
  {
    packages: /^chokidar$/,
    owners: /^daemon\/conversation-index\/watcher\.ts$/,
    ownerName: "daemon/conversation-index/watcher.ts",
  },
  { packages: /^(neo-)?blessed$/, owners: /^sidebar\/terminal\.ts$/, ownerName: "sidebar/terminal.ts" },
];

/**
 * Why a file may not import something, as a sentence, or undefined when it may.
 * @param file path of the importing file, relative to the project, with `/`.
 * @param specifier what stands in the import.
 * @param typeOnly true for an import that is gone at run time.
 */
export function importRefusal(file: string, specifier: string, typeOnly: boolean): string | undefined {
  const zone = zoneOf(file);
  const allowed = MAY_IMPORT[zone];
  if (allowed === undefined) return undefined;
  if (!specifier.startsWith(".")) return packageRefusal(zone, file, specifier, typeOnly);
  const target = zoneOf(join(dirname(file), specifier));
  if (target === zone || allowed.includes(target) || (zone === "extension" && typeOnly)) return undefined;
  return `${zone} may not import ${target}; it may import ${allowed.join(", ") || "nothing of this project at run time"}.`;
}

function packageRefusal(zone: string, file: string, specifier: string, typeOnly: boolean): string | undefined {
  if (zone === "protocol" && specifier !== "zod") return "protocol is pure: it may import zod and nothing else.";
  if (zone === "extension" && !typeOnly && !specifier.startsWith("node:")) {
    return "The extension runs inside pi: at run time it may import Node's own modules only.";
  }
  const owned = OWNED_PACKAGES.find(({ packages }) => packages.test(specifier));
  if (owned === undefined || owned.owners.test(file)) return undefined;
  return `Only ${owned.ownerName} imports ${specifier}.`;
}

function zoneOf(file: string): string {
  return ZONES_APART.find(([files]) => files.test(file))?.[1] ?? (file.split("/")[0] as string);
}

/** Import and export declarations and `import()`, as far as the rule reads them. */
interface ImportingNode {
  source?: { value?: unknown } | null;
  importKind?: "type" | "value";
  exportKind?: "type" | "value";
}

/** Reports each import that `importRefusal` refuses. ESLint's `cwd` must be the project's folder. */
export const importDirection: Rule.RuleModule = {
  meta: { type: "problem", schema: [], messages: { refused: "{{why}}" } },
  create(context) {
    const file = relative(context.cwd, context.filename);
    const check = (node: Rule.Node) => {
      const { source, importKind, exportKind } = node as ImportingNode;
      if (typeof source?.value !== "string") return;
      const typeOnly = importKind === "type" || exportKind === "type" || String(node.type) === "TSImportType";
      const why = importRefusal(file, source.value, typeOnly);
      if (why !== undefined) context.report({ node, messageId: "refused", data: { why } });
    };
    return {
      ImportDeclaration: check,
      ExportAllDeclaration: check,
      ExportNamedDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};
