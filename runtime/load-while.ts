import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Loads a module while a request is under way, and resolves when it is loaded. Loading takes this thread, so
 * it begins only after the turns of the event loop in which the request is connected and written.
 */
export async function loadWhile(request: Promise<unknown>, load: () => Promise<unknown>): Promise<void> {
  // Whoever awaits the request hears of its failure.
  request.catch(() => undefined);
  await nextTurn();
  await nextTurn();
  await load();
}
