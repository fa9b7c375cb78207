const last = new Map<string, Promise<unknown>>();

/**
 * Runs work of one organisation one after the other in this process: reading a zone and writing it belong together, and
 * rotations, certificates and people publish side by side.
 */
export async function inTurn<T>(organisationId: string, work: () => Promise<T>): Promise<T> {
  const before = last.get(organisationId) ?? Promise.resolve();
  const own = before.then(work, work);
  const settled = own.catch(() => undefined);
  last.set(organisationId, settled);
  try {
    return await own;
  } finally {
    if (last.get(organisationId) === settled) last.delete(organisationId);
  }
}
