const WINDOW_MS = 5_000;

/** How quickly something goes, over the last few seconds. */
export class Speed {
  private samples: { at: number; bytes: number }[] = [];

  add(bytes: number, at: number): void {
    this.samples.push({ at, bytes });
    this.forget(at);
  }

  /** Bytes a second; null until it can be told. */
  rate(at: number): number | null {
    this.forget(at);
    const first = this.samples[0];
    if (first === undefined || at - first.at < 500) return null;
    const sum = this.samples.reduce((total, { bytes }) => total + bytes, 0);
    return (sum * 1000) / (at - first.at);
  }

  private forget(now: number): void {
    const old = this.samples.findIndex(({ at }) => now - at <= WINDOW_MS);
    if (old > 0) this.samples.splice(0, old);
    else if (old < 0) this.samples = [];
  }
}
