/** A sender at a receiver of which somebody tells: a domain, or an address of a server. */
export interface ToldOf {
  readonly domainId: string | null;
  readonly serverId: string | null;
  readonly address: string | null;
  /** Null, or '' as it is stored, for all that are none that many domains share. */
  readonly provider: string | null;
}

/** The same as one word, to find it by. */
export function receiverKey({ domainId, serverId, address, provider }: ToldOf): string {
  return `${domainId ?? `${serverId} ${address ?? ""}`} ${provider ?? ""}`;
}

/**
 * One thing that is told of both a domain and an address, as of each by itself; only of the one that is asked for, where
 * one is.
 */
export function eachSender<Told extends Omit<ToldOf, "provider">>(
  told: Told,
  asked: { readonly serverId?: string; readonly domainId?: string },
): Told[] {
  const { domainId, serverId, address } = told;
  const isAsked = domainId !== null && asked.serverId === undefined;
  const isServerAsked = serverId !== null && address !== null && asked.domainId === undefined;
  return [
    ...(isAsked ? [{ ...told, serverId: null, address: null }] : []),
    ...(isServerAsked ? [{ ...told, domainId: null }] : []),
  ];
}
