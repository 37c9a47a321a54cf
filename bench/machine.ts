import { execFile } from "node:child_process";
import { cpus, loadavg, release, totalmem } from "node:os";
import { promisify } from "node:util";

/** One line about the machine, the programs and the load at this moment. */
export async function machineFacts(): Promise<string> {
  const processors = cpus();
  const model = processors[0]?.model.replace(/\s+/g, " ").trim() ?? "unknown processor";
  const load = loadavg()
    .map((value) => value.toFixed(1))
    .join(" ");
  return [
    `${processors.length} x ${model}`,
    `${Math.round(totalmem() / 1024 ** 3)} GiB`,
    `${process.platform} ${release()} ${process.arch}`,
    `Node ${process.versions.node}`,
    await version("tmux", "-V"),
    await version("dtach", "--version"),
    `load ${load}`,
  ].join("; ");
}

/** The first line a program says about itself, whatever its exit code. */
async function version(program: string, option: string): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [option]).catch((error: { stdout?: string }) => ({
    stdout: error.stdout ?? "",
  }));
  return (
    stdout
      .split("\n")[0]
      ?.replace(/ - version /, " ")
      .split(",")[0]
      ?.trim() || `no ${program}`
  );
}
