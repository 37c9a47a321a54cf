import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import ts from "typescript";

/**
 * Writes dist/types/: the declarations of `pisync/client`. The types of protocol/ are written out there as what they
 * come to, so that who uses the client needs no zod (docs/adr/0116).
 */
const root = join(import.meta.dirname, "..");
const ENTRY = "client/main.ts";
const SOURCES = ["client", "protocol", "runtime", "scripts"];
const TYPES = join(root, "dist", "types");

/** Four seconds, or nothing when no source is newer. @throws when a type of another package is left in them. */
export async function buildDeclarations(): Promise<void> {
  if (await isCurrent()) return;
  await rm(TYPES, { recursive: true, force: true });
  for (const [file, text] of declarations()) {
    const path = join(TYPES, file.replace(/\.ts$/, ".d.ts"));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text.replace(/( from "\..*)\.ts"/g, '$1.js"'));
  }
}

/** By the source's path: what the entry exports, and what that needs. */
function declarations(): Map<string, string> {
  const program = ts.createProgram([join(root, ENTRY)], compilerOptions());
  const emitted = new Map<string, string>();
  const keep: ts.WriteFileCallback = (path, text) => emitted.set(path.slice(1).replace(/\.d\.ts$/, ".ts"), text);
  program.emit(undefined, keep, undefined, true);

  const wanted = new Map<string, string>();
  const named = new Map<string, Set<string>>();
  const queue = [ENTRY];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const text = emitted.get(file) ?? "";
    wanted.set(file, text);
    for (const [, names = "", from = ""] of text.matchAll(/\{([^}]*)\} from "([^"]+)"/g)) {
      if (!from.startsWith(".")) throw new Error(`The declarations of ${file} need ${from}.`);
      const target = posix.join(dirname(file), from);
      if (target.startsWith("protocol/")) addAll(named, target, names);
      else if (!wanted.has(target)) queue.push(target);
    }
  }
  for (const [file, names] of named) wanted.set(file, typesOf(program, file, names));
  return wanted;
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [ENTRY], include: [] }, ts.sys, root);
  return { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: root, outDir: "/" };
}

function addAll(named: Map<string, Set<string>>, file: string, names: string): void {
  const all = named.get(file) ?? new Set();
  for (const name of names.split(",")) all.add(name.replace(/^\s*type /, "").trim());
  named.set(file, all);
}

/** Types that a file exports, as what they come to. */
function typesOf(program: ts.Program, file: string, names: ReadonlySet<string>): string {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(join(root, file));
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} is no module.`);
  const { NoTruncation, InTypeAlias, MultilineObjectLiterals } = ts.TypeFormatFlags;
  const flags = NoTruncation | InTypeAlias | MultilineObjectLiterals;
  const types = checker.getExportsOfModule(module).filter(({ name }) => names.has(name));
  const lines = types.map((symbol) => {
    const text = checker.typeToString(checker.getDeclaredTypeOfSymbol(symbol), undefined, flags);
    if (/\bz\.|import\(/.test(text)) throw new Error(`${symbol.name} of ${file} cannot be written out: ${text}`);
    return `export type ${symbol.name} = ${text.replace(/ {2,}/g, " ")};\n`;
  });
  return lines.join("");
}

async function isCurrent(): Promise<boolean> {
  const written = await modifiedAt(join(TYPES, ENTRY.replace(/\.ts$/, ".d.ts")));
  for (const folder of SOURCES) {
    for (const name of await readdir(join(root, folder))) {
      if ((await modifiedAt(join(root, folder, name))) > written) return false;
    }
  }
  return true;
}

/** In milliseconds since the epoch; 0 when it is not there. */
async function modifiedAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
