/**
 * When to continue a child after Ctrl-Z, in milliseconds: soon, and again for one that was slow to act on it.
 *
 * pi, vim and others answer Ctrl-Z by giving the terminal back and stopping their process group. In a session that is
 * an orphaned group, which the kernel does not stop (POSIX, System Interfaces 2.4.3), so such a program waits for a
 * SIGCONT that no shell will send, and its session is frozen in every view.
 */
export const CONTINUE_AFTER_MS = [100, 1_000, 5_000, 20_000];

/** The legacy byte, the kitty protocol's press (with alternates and event type) and modifyOtherKeys'. */
const SUSPEND_KEY = /\x1a|\x1b\[122(?::\d*)*;5(?::1)?u|\x1b\[27;5;122~/;

/** Whether input holds Ctrl-Z. In pasted text it means nothing, and then costs nothing but a signal that does nothing. */
export function holdsSuspendKey(input: Buffer): boolean {
  return SUSPEND_KEY.test(input.toString("latin1"));
}
