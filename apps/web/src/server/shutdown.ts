const holder = globalThis as typeof globalThis & { mailsteadShutdown?: AbortSignal };

/** Aborts when this process is asked to end, so that streams let go of their readers and do not hold it up. */
export function shutdownSignal(): AbortSignal {
  if (holder.mailsteadShutdown === undefined) {
    const controller = new AbortController();
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => controller.abort());
    holder.mailsteadShutdown = controller.signal;
  }
  return holder.mailsteadShutdown;
}
