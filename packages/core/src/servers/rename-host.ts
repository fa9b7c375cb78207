import type { TargetState } from "./target-state.ts";

/** Gives a host another name, also where its own domains name it among their MX hosts in an MTA-STS policy. */
export function renameHost(state: TargetState, hostname: TargetState["hostname"]): TargetState {
  return {
    ...state,
    hostname,
    domains: state.domains.map((domain) => ({
      ...domain,
      mtaSts: {
        ...domain.mtaSts,
        mxHosts: domain.mtaSts.mxHosts.map((host) => (host === state.hostname ? hostname : host)),
      },
    })),
  };
}
