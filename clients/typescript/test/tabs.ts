/** What browsers have and Node.js lacks: a database for the origin, and locks over all tabs. */

import "fake-indexeddb/auto";
import { afterEach } from "vitest";
import { Device, type LockService, type PasskeySigner } from "../src/index.js";

/** Locks of one browser: who asks for a name waits until it is free. */
export function locksOfOneBrowser(): LockService {
  const queues = new Map<string, Promise<unknown>>();
  const request = async (name: string, _options: unknown, work: () => Promise<unknown>): Promise<unknown> => {
    const done = (queues.get(name) ?? Promise.resolve()).then(work, work);
    queues.set(
      name,
      done.catch(() => undefined),
    );
    return done;
  };
  return { request } as unknown as LockService;
}

let browsers = 0;
const open: Device[] = [];

afterEach(() => {
  for (const device of open.splice(0)) device.close();
});

/** A browser of its own; each call of what it returns is another tab of it. */
export function browser(askPasskey?: PasskeySigner): () => Promise<Device> {
  const databaseName = `browser ${browsers++}`;
  const locks = locksOfOneBrowser();
  return async () => {
    const device = await Device.open({ databaseName, locks, ...(askPasskey ? { askPasskey } : {}) });
    open.push(device);
    return device;
  };
}
