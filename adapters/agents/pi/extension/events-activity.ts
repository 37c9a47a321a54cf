/** What other extensions do, told to readers of the event log and never to the model. */
export interface ActivityBroker {
  publish(activity: unknown): void;
  /** Calls back with each activity until the returned function is called. */
  subscribe(listener: (activity: unknown) => void): () => void;
  /** The newest ones, oldest first. */
  recent(limit?: number): unknown[];
}

/** pi's bus: publish with `pi.events.emit("pisync:activity", {...})`. */
export const ACTIVITY_CHANNEL = "pisync:activity";

/** Where extensions look for a broker that another one has put there. */
const OTHER_BROKERS = ["vstack.pi.activity", "kendex.pi.activity"];
const PISYNC = Symbol.for("pisync");
const MAX_RECENT = 100;

type Globals = Record<symbol, unknown>;

/**
 * The broker of this process, at `globalThis[Symbol.for("pisync")].activity` and under the names that other extensions
 * look for. Where somebody else's broker is already, that one stays, and what it publishes is heard here too.
 */
export function activityBroker(): ActivityBroker {
  const globals = globalThis as unknown as Globals;
  const pisync = (globals[PISYNC] ??= {}) as { activity?: ActivityBroker };
  if (pisync.activity) return pisync.activity;
  const broker = (pisync.activity = createBroker());
  for (const name of OTHER_BROKERS) {
    const other = globals[Symbol.for(name)] as Partial<ActivityBroker> | undefined;
    if (other === undefined) globals[Symbol.for(name)] = broker;
    else hear(other, broker);
  }
  return broker;
}

/** A stranger's broker may lack anything, or throw. */
function hear(other: Partial<ActivityBroker>, broker: ActivityBroker): void {
  try {
    other.subscribe?.((activity) => broker.publish(activity));
  } catch {
    // Then nothing of it is heard.
  }
}

function createBroker(): ActivityBroker {
  const listeners = new Set<(activity: unknown) => void>();
  const recent: unknown[] = [];
  return {
    publish(activity) {
      recent.push(activity);
      if (recent.length > MAX_RECENT) recent.shift();
      for (const listener of listeners) {
        try {
          listener(activity);
        } catch {
          // Whoever publishes is not to suffer for who listens.
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    recent: (limit = MAX_RECENT) => recent.slice(-limit),
  };
}
