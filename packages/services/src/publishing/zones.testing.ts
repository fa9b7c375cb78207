import { applyChanges, type RecordSet, type SetChange } from "@mailstead/core/publishing";
import type { DnsProvider, DnsProviderError, ProviderZone } from "../dns/index.ts";

/** The provider's side of publishing, in memory: zones that a test looks into, and failures that it asks for. */
export class TestZones implements DnsProvider {
  readonly zones = new Map<string, RecordSet[]>();
  /** Thrown by every call until it is taken away. */
  error: DnsProviderError | null = null;
  /** How many of the changes of the next write are made before it fails with `writeError`. */
  writesOnly: number | null = null;
  writeError: DnsProviderError | null = null;
  writes = 0;

  constructor(...names: string[]) {
    for (const name of names) this.zones.set(name, []);
  }

  /** "a.example TXT v=spf1 -all" stands in the zone from now on. */
  put(...lines: string[]): void {
    for (const line of lines) {
      const [name = "", type = "", ...rest] = line.split(" ");
      const [zone, sets] = [...this.zones].find(([one]) => `.${name}`.endsWith(`.${one}`)) ?? ["", []];
      const values = sets.find((set) => set.name === name && set.type === type)?.values ?? [];
      const others = sets.filter((set) => set.name !== name || set.type !== type);
      this.zones.set(zone, [...others, { name, type, ttlSeconds: 300, values: [...values, rest.join(" ")] }]);
    }
  }

  lines(): string[] {
    return [...this.zones.values()]
      .flat()
      .flatMap(({ name, type, values }) => values.map((value) => `${name} ${type} ${value}`))
      .sort();
  }

  async listZones(): Promise<ProviderZone[]> {
    if (this.error !== null) throw this.error;
    return [...this.zones.keys()].map((name) => ({ name, id: name }));
  }

  async readSets(zone: ProviderZone, names: readonly string[]): Promise<RecordSet[]> {
    if (this.error !== null) throw this.error;
    return (this.zones.get(zone.id) ?? []).filter((set) => names.includes(set.name));
  }

  async writeSets(
    zone: ProviderZone,
    changes: readonly SetChange[],
    _tell?: (sentence: string) => void,
  ): Promise<void> {
    this.writes += 1;
    const made = this.writesOnly === null ? changes : changes.slice(0, this.writesOnly);
    this.zones.set(zone.id, applyChanges(this.zones.get(zone.id) ?? [], made));
    const error = this.writeError;
    this.writesOnly = null;
    this.writeError = null;
    if (error !== null) throw error;
  }
}
