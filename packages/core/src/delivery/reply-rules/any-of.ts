/** One pattern out of several, in any case of letters: so that a rule is a list of wordings, to which one is easily added. */
export function anyOf(...wordings: readonly RegExp[]): RegExp {
  return new RegExp(wordings.map(({ source }) => source).join("|"), "iu");
}
