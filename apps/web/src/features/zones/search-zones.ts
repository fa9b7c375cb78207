/** The zones whose names hold what somebody typed. */
export function searchZones<Row extends { name: string }>(zones: readonly Row[], search: string): Row[] {
  const typed = search.trim().toLowerCase();
  return zones.filter(({ name }) => name.includes(typed));
}
