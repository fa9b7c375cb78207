/** How lists are read page by page; the server that prepares a page asks for the first with the same words. */
export const paging = {
  getNextPageParam: (page: { nextCursor: string | null }) => page.nextCursor ?? undefined,
  initialCursor: undefined,
} as const;
