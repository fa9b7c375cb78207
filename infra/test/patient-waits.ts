import { vi } from "vitest";

// Vitest's own second is over soon on a machine that does other things too. A condition that comes in time is not
// waited for any longer, so that only a test that fails anyway takes more time.
const patience = { timeout: 30_000 } as const;

const { waitFor, waitUntil } = vi;
const patiently = (options: number | object | undefined) =>
  typeof options === "number" ? options : { ...patience, ...options };
vi.waitFor = (condition, options) => waitFor(condition, patiently(options));
vi.waitUntil = (condition, options) => waitUntil(condition, patiently(options));
