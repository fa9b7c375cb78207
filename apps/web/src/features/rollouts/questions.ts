/** What the lists of rollouts are asked with, also by the server that prepares a page. */
export const openRollouts = { isOver: false, limit: 50 } as const;
export const pastRollouts = { isOver: true, limit: 20 } as const;
