// Hosts tell every minute.
export const refreshEveryMs = 60_000;
