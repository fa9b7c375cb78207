const changesPerEntryMax = 4;
const changesMin = 1000;
/** Counting the living reads the whole log, so it is done now and then only. */
const looksEvery = 250;

/** Whether a log that grew from one revision to another is to be weighed against its living entries. */
export function isTimeToWeighLog(fromRevision: number, toRevision: number): boolean {
  if (toRevision <= changesMin) return false;
  return Math.floor(fromRevision / looksEvery) !== Math.floor(toRevision / looksEvery);
}

/** Whether a log is so long past its living entries that starting anew is shorter for a host that reads it whole. */
export function isLogOverlong({
  revision,
  livingEntries,
}: {
  revision: number;
  livingEntries: number;
}): boolean {
  return revision > Math.max(changesMin, changesPerEntryMax * livingEntries);
}
