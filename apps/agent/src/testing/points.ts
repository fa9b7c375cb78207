/**
 * Points of one sort are alike: the first of ten folders is taken as the other nine are. Both jobs do most things alike,
 * too; only what the second does to services that run is of another sort.
 */
export function sortOfPoint(point: string): string {
  return /apply-files|file-changed|restart|probed/.test(point) ? point : point.replace(/^job \d: /, "");
}
