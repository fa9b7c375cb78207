/** When the worker's turn comes for what is to stay as the demo tells it: no name of the demo leads anywhere in the world. */
export const never = new Date("2999-01-01T00:00:00Z");
