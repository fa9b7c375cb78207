/** The customers whose name has all the words in it. */
export function searchTenants<Tenant extends { name: string }>(
  tenants: readonly Tenant[],
  search: string,
): readonly Tenant[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return tenants.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}
