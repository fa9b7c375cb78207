/** Every value of one type that a name server shows under a name, and who said so. */
export interface ShownRecords {
  /** Absolute, without the final dot. */
  name: string;
  type: string;
  /** As presentation texts, the strings of a TXT joined. */
  values: readonly string[];
  /** Name and address of the server. */
  saidBy: string;
}

/** The values that a finding is about, as lines of evidence. */
export function evidenceOfRecords({ name, type, saidBy }: ShownRecords, values: readonly string[]): string[] {
  return values.map((value) => `${name} ${type} ${value} (${saidBy})`);
}
