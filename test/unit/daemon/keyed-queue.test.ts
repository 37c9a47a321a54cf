import { expect, test } from "vitest";
import { createKeyedQueue } from "../../../daemon/keyed-queue.ts";

test("tasks that share a key run one after another in their order, others at once", async () => {
  const queue = createKeyedQueue();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const task = (name: string, wait?: Promise<void>) => async () => {
    order.push(`${name} starts`);
    await wait;
    order.push(`${name} ends`);
  };
  const tasks = [
    queue.run(["a", "b"], task("first", gate.promise)),
    queue.run(["b", "c", "b"], task("second")),
    queue.run(["c"], task("third")),
    queue.run(["d"], task("free")),
    queue.run([], task("keyless")),
  ];
  await Promise.all([tasks[3], tasks[4]]);
  expect(order).not.toContain("second starts");
  gate.resolve();
  await Promise.all(tasks);
  expect(order.filter((entry) => !/free|keyless/.test(entry))).toEqual([
    "first starts",
    "first ends",
    "second starts",
    "second ends",
    "third starts",
    "third ends",
  ]);
});

test("a task that fails tells its caller and lets the next one run", async () => {
  const queue = createKeyedQueue();
  const failing = queue.run(["a"], () => Promise.reject(new Error("no")));
  const next = queue.run(["a"], () => Promise.resolve("yes"));
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("yes");
});
