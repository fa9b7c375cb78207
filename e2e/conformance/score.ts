/** How well one thing is done, as it is printed. */
export interface ScoreRow {
  readonly set: string;
  readonly score: string;
  readonly right: number;
  readonly total: number;
  /** Null where nothing was there to be scored. */
  readonly share: number | null;
  /** The least share that is good enough; null for a score that is only told. */
  readonly floor: number | null;
  /** Null where there is no floor, or nothing to hold against it. */
  readonly reached: boolean | null;
  readonly wrong: readonly string[];
}

/** Counts right answers and keeps what was wrong, so that a miss says where. */
export class Score {
  readonly name: string;
  readonly floor: number | null;
  private readonly wrong: string[] = [];
  private total = 0;

  constructor(name: string, floor: number | null) {
    this.name = name;
    this.floor = floor;
  }

  /** `about` says what was found and what was wanted; it is kept for a wrong answer only. */
  add(isRight: boolean, about: string): void {
    this.total += 1;
    if (!isRight) this.wrong.push(about);
  }

  toRow(set: string): ScoreRow {
    const { name, floor, total, wrong } = this;
    const right = total - wrong.length;
    const share = total === 0 ? null : right / total;
    const reached = floor === null || share === null ? null : share >= floor;
    return { set, score: name, right, total, share, floor, reached, wrong };
  }
}

/** The scores of one set, in the order in which they were opened. */
export class ScoreBook {
  private readonly scores: Score[] = [];

  /** Without a floor the score is told and decides nothing. */
  open(name: string, floor: number | null = null): Score {
    const score = new Score(name, floor);
    this.scores.push(score);
    return score;
  }

  /** Scores one case: where it throws, it is wrong in `score` and the others go on. */
  async attempt(about: string, score: Score, run: () => Promise<void> | void): Promise<void> {
    try {
      await run();
    } catch (cause) {
      score.add(false, `${about}: it broke: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }

  rows(set: string): ScoreRow[] {
    return this.scores.map((score) => score.toRow(set));
  }
}

/** What was found, short enough for a line. */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return text.replaceAll(/\s+/g, " ").slice(0, 300);
}
