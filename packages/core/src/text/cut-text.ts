/**
 * The first `lengthMax` UTF-16 units of a text, one less where the cut would fall into a character: half a surrogate
 * pair is no text, and a database refuses it.
 */
export function cutText(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const last = text.charCodeAt(lengthMax - 1);
  const isHalved = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHalved ? lengthMax - 1 : lengthMax);
}
