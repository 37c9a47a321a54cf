/**
 * The part of node-pty that the tests use, in its `encoding: null` form. The package's own declarations are
 * for the name it is aliased from.
 */
declare module "node-pty" {
  export interface IPty {
    readonly pid: number;
    onData(listener: (data: Buffer) => void): void;
    /** After the last data. `signal` is 0 for a program that exited by itself. */
    onExit(listener: (exit: { exitCode: number; signal?: number }) => void): void;
    write(data: Buffer): void;
    resize(cols: number, rows: number): void;
    kill(signal: NodeJS.Signals): void;
  }
  export function spawn(
    file: string,
    args: string[],
    options: { cwd: string; env: Record<string, string>; cols: number; rows: number; name: string; encoding: null },
  ): IPty;
}
