import { join } from "node:path";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";

const projectRoot = join(import.meta.dirname, "..", "..");

/** The project's own configuration, without the rules that need the file to exist and be type-checked. */
const eslint = new ESLint({
  cwd: projectRoot,
  overrideConfig: [{ ...tseslint.configs.disableTypeChecked, files: ["**/*.ts"] }],
});

/**
 * What one lint rule says about code, as messages.
 * @param file where the code would lie, relative to the project.
 * @throws when the code does not parse.
 */
export async function complaints(rule: string, file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(projectRoot, file) });
  const messages = result?.messages ?? [];
  const fatal = messages.find((message) => message.fatal);
  if (fatal !== undefined) throw new Error(`${file}: ${fatal.message}`);
  return messages.filter(({ ruleId }) => ruleId === rule).map(({ message }) => message);
}
