/** Looks that are asked for, of any number of servers. */
export interface WorkLine {
  /** Has a server's waiting jobs looked at; asked for again before its turn has come, it is looked at once. */
  add(serverId: string): void;
}

/**
 * Looks at servers in the order in which they were asked for, a few at once. After each end of a job its server is looked at
 * again: were all of them to ask Postgres at the same time, those that are served already would leave no room for the others.
 * `look` must not reject.
 */
export function openWorkLine(look: (serverId: string) => Promise<void>, atOnceMax: number): WorkLine {
  const waiting = new Set<string>();
  let underWay = 0;

  function lookAtNext(): void {
    const [next] = waiting;
    if (next === undefined || underWay >= atOnceMax) return;
    waiting.delete(next);
    underWay += 1;
    void look(next).finally(() => {
      underWay -= 1;
      lookAtNext();
    });
  }

  return {
    add(serverId) {
      waiting.add(serverId);
      lookAtNext();
    },
  };
}
