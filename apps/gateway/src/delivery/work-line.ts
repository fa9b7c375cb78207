/** Looks that are asked for, of any number of servers. */
export interface WorkLine {
  /** Has a server's waiting jobs looked at; asked for again before its turn has come, it is looked at once. */
  add(serverId: string): void;
}

/**
 * Looks at servers in the order in which they were asked for, several together and a few times at once. After each end of a job its
 * server is looked at again: were all of them to ask Postgres at the same time, those that are served already would leave no
 * room for the others. `look` must not reject.
 */
export function openWorkLine(
  look: (serverIds: readonly string[]) => Promise<void>,
  max: { readonly atOnce: number; readonly servers: number },
): WorkLine {
  const waiting = new Set<string>();
  let underWay = 0;

  function lookAtNext(): void {
    if (waiting.size === 0 || underWay >= max.atOnce) return;
    const next = takeFirst(waiting, max.servers);
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

function takeFirst(waiting: Set<string>, count: number): readonly string[] {
  const first: string[] = [];
  for (const serverId of waiting) {
    if (first.length === count) break;
    first.push(serverId);
    waiting.delete(serverId);
  }
  return first;
}
