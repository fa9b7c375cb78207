/** What the lists of servers to choose from ask for: all of them, by name. */
export const allServersByName = { sort: "name", isDescending: false, limit: 500 } as const;

interface Choice {
  id: string;
  name: string;
  tenantName: string;
}

/** The servers in a list to choose from; with their customers where it holds those of several. */
export function ServerOptions({
  servers,
  hasCustomers = false,
}: {
  servers: readonly Choice[];
  hasCustomers?: boolean;
}) {
  return servers.map(({ id, name, tenantName }) => (
    <option key={id} value={id}>
      {hasCustomers ? `${name} (${tenantName})` : name}
    </option>
  ));
}
