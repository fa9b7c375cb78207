/** Minutes since midnight as a field of time writes them: 22:30. */
export function clockText(minute: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** Minutes since midnight of such a text; null for anything else. */
export function minuteOf(text: string): number | null {
  const [, hour = "", minute = ""] = /^(\d{2}):(\d{2})$/.exec(text) ?? [];
  if (hour === "" || Number(hour) > 23 || Number(minute) > 59) return null;
  return Number(hour) * 60 + Number(minute);
}
